/** What the recorded process stores, so that its recording and the check of a disk agree on it without a word. */
import { MINUTE, SECOND, type EpochMs } from '../../../src/model/time.ts';
import type { QueueOptions, SinkRegistration } from '../../../src/queue/queue.ts';
import { encodeValues } from '../../../src/queue/values-codec.ts';

const BEGIN: EpochMs = Date.UTC(2026, 10, 20, 14);
const EVERY = 4 * SECOND;
export const QUANTITIES = ['power.active.import', 'power.active.export', 'power.active.net'] as const;

/** Short windows: readings go late, expire and are removed while the recording runs. */
export const SINK: SinkRegistration = {
  name: 'dynatrace',
  type: 'dynatrace',
  backfill: false,
  routes: [
    { name: 'metrics', behindMs: 4 * MINUTE },
    { name: 'late', behindMs: 8 * MINUTE },
  ],
};
export const EXPIRES_AFTER = 8 * MINUTE;
export const RETENTION = 10 * MINUTE;

export function optionsFor(dataDir: string, bootId: string): QueueOptions {
  return {
    dataDir,
    ttlMs: EXPIRES_AFTER,
    retentionMs: RETENTION,
    budgetBytes: 64 * 1024 ** 2,
    minFreeDiskBytes: 0,
    bootId,
  };
}

/** When reading `n` was measured; no two at once, so its time names it. */
export function timeOf(n: number): EpochMs {
  return BEGIN + n * EVERY;
}

export function numberOf(at: EpochMs): number {
  return (at - BEGIN) / EVERY;
}

/** One to three values, different for every reading. */
export function valuesOf(n: number): number[] {
  return QUANTITIES.slice(0, 1 + (n % QUANTITIES.length)).map((_, i) => n * 3 + i + 0.5);
}

const encoded: Buffer[] = [];

/** The bytes reading `n` is stored as. */
export function bytesOf(n: number): Buffer {
  const values = Float64Array.from(valuesOf(n));
  return (encoded[n] ??= encodeValues(values, 0, values.length));
}

/** How many values the readings below `n` have. */
export function valuesBelow(n: number): number {
  const rest = n % 3;
  return Math.floor(n / 3) * 6 + (rest === 0 ? 0 : rest === 1 ? 1 : 3);
}
