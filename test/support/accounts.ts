import type { IntakeCounts, Ledger } from '../../src/queue/queue.ts';

/** What `status` and the queue's own report have in common: all counts that must balance. */
export interface Accounts {
  readonly intake: Pick<IntakeCounts, 'messages' | 'used' | 'duplicates' | 'refused' | 'ignored'>;
  readonly sinks: readonly { readonly name: string; readonly ledger: Ledger }[];
}

/** By how many messages and values the counts do not balance. */
export function unaccounted({ intake, sinks }: Accounts): number {
  const { messages, used, duplicates, refused, ignored } = intake;
  return sinks.reduce(
    (sum, { ledger: l }) =>
      sum + Math.abs(l.accepted - (l.delivered + l.late + l.pending + l.expired + l.evicted + l.deadLettered)),
    Math.abs(messages - (used + duplicates + refused + ignored)),
  );
}
