import type { Status } from './status.ts';

/** A value about the gateway itself, as a sink sends it. */
export interface HealthValue {
  readonly key: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * The gateway's own metrics, from its status. Ages in seconds, sizes in bytes, the rest are counts or 0 and 1.
 * `silentSources` are named apart: one that is connecting for hours is silent too.
 */
export function healthValues(status: Status, silentSources: ReadonlySet<string>): HealthValue[] {
  const all: readonly (readonly [string, number | null, Record<string, string>?])[] = [
    ['gateway.health', { ok: 0, degraded: 1, failing: 2 }[status.health]],
    ['gateway.queue.pending', status.queue.pendingValues],
    ['gateway.queue.oldest_age', status.queue.oldestPendingAgeSeconds ?? 0],
    ['gateway.queue.stored', status.queue.storedReadings],
    ['gateway.queue.size', status.queue.sizeBytes],
    ['gateway.disk.free', status.queue.diskFreeBytes],
    ['gateway.intake.messages', status.intake.messages],
    ['gateway.intake.refused', status.intake.refused + status.intake.refusedFields],
    ['gateway.clock.offset', status.clock.offsetMs / 1000],
    ...status.sinks
      .filter((sink) => sink.state !== 'removed')
      .flatMap((sink): [string, number, Record<string, string>][] => [
        ['gateway.delivered', sink.ledger.delivered, { sink: sink.name }],
        ['gateway.late', sink.ledger.late, { sink: sink.name }],
        ['gateway.lost', sink.ledger.expired + sink.ledger.evicted + sink.ledger.deadLettered, { sink: sink.name }],
      ]),
    ...status.sources.map((source): [string, number, Record<string, string>] => [
      'gateway.source.silent',
      source.state === 'failed' || silentSources.has(source.name) ? 1 : 0,
      { source: source.name },
    ]),
  ];
  return all.flatMap(([key, value, dimensions]) =>
    value === null || !Number.isFinite(value) ? [] : [{ key, value, dimensions: dimensions ?? {} }],
  );
}
