import type { QueueReport } from '../../src/queue/queue.ts';

/** Throws when a count of the report does not balance (the design's "counts, exactly"). */
export function assertBalance(report: QueueReport): void {
  const { messages, used, duplicates, refused, ignored } = report.intake;
  if (messages !== used + duplicates + refused + ignored)
    throw new Error(`the intake does not balance: ${JSON.stringify(report.intake)}`);
  for (const { name, ledger: l } of report.sinks) {
    if (l.accepted !== l.delivered + l.late + l.pending + l.expired + l.evicted + l.deadLettered)
      throw new Error(`the ledger of ${name} does not balance: ${JSON.stringify(l)}`);
  }
}

/** Throws with all that differs between what is and what should be. */
export function assertCounts(
  actual: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): void {
  const wrong = Object.entries(expected).filter(([name, count]) => actual[name] !== count);
  if (wrong.length === 0) return;
  throw new Error(wrong.map(([name, count]) => `${name}: ${actual[name]} instead of ${count}`).join(', '));
}
