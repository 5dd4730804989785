/** Opens what a power cut left with the product's own code, and holds it against what had been promised by then. */
import type { Log } from '../../../src/platform/log.ts';
import type { Opening, QueueReport } from '../../../src/queue/queue.ts';
import { openStore } from '../../../src/queue/work/open-store.ts';
import { salvage } from '../../../src/queue/work/salvage.ts';
import type { Store } from '../../../src/queue/work/store.ts';
import { silentLog } from '../silent-log.ts';
import type { Expectation } from './expectation.ts';
import { bytesOf, optionsFor, SINK, timeOf, valuesBelow } from './scene.ts';
import { readStored, type Stored } from './stored.ts';

export interface Verdict {
  /** Readings acknowledged, and neither stored, nor delivered, nor expired. */
  readonly lost: number;
  /** Readings delivered and settled, and owed again. */
  readonly resent: number;
  /** By how much the counts do not balance. */
  readonly unaccounted: number;
  /** What else must not be: the file was found damaged, or could not be opened. */
  readonly broken: string | null;
}

const BOOT = 'boot after the cut';
const NOW = timeOf(0);
const diskSpace = (): { freeBytes: number; totalBytes: number } => ({ freeBytes: 1e9, totalBytes: 2e9 });

export function checkState(dataDir: string, expected: Expectation): Verdict {
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (_: object, message?: string) => void errors.push(message ?? '') };
  let store: Store;
  let opening: Opening;
  try {
    ({ store, opening } = openStore(optionsFor(dataDir, BOOT), { now: NOW, log, diskSpace, startedMono: 0 }));
  } catch (error) {
    return { lost: expected.acknowledged, resent: 0, unaccounted: 0, broken: String(error) };
  }
  try {
    if (opening.salvaged?.done === false) finishSalvage(store);
    const stored = readStored(store.database.connection);
    const broken = [...(expected.damaged ? [] : errors), ...quickCheck(store)].join('; ');
    return {
      lost: countLost(stored, expected),
      resent: countResent(stored, expected),
      unaccounted: unaccounted(store.report(NOW), stored, expected),
      broken: broken === '' ? null : broken,
    };
  } catch (error) {
    return { lost: expected.acknowledged, resent: 0, unaccounted: 0, broken: String(error) };
  } finally {
    store.database.connection.close();
  }
}

function finishSalvage(store: Store): void {
  store.registerSinks([SINK]);
  const steps = salvage(store, BOOT);
  while (steps.next().done !== true);
}

function quickCheck({ database }: Store): string[] {
  const rows = database.connection.pragma('quick_check(1)') as { quick_check: string }[];
  return rows.map((row) => row.quick_check).filter((line) => line !== 'ok');
}

function countLost({ readings, letters, replays }: Stored, expected: Expectation): number {
  let lost = 0;
  for (let n = expected.firstKept; n < expected.acknowledged; n++) {
    const reading = readings.get(n);
    const intact = reading !== undefined && reading.data.equals(bytesOf(n));
    if (!intact || (expected.mustBeOwed(n) && !reading.owed)) lost++;
  }
  for (const kind of ['dead', 'pending'] as const) {
    lost += expected.lettersOf(kind).filter((n) => letters.get(n) !== kind).length;
  }
  return lost + Math.max(0, expected.replay - replays);
}

function countResent({ readings }: Stored, expected: Expectation): number {
  let resent = 0;
  for (const [n, { owed }] of readings) if (owed && expected.mustNotBeOwed(n)) resent++;
  return resent;
}

function unaccounted(report: QueueReport, stored: Stored, expected: Expectation): number {
  const [sink] = report.sinks;
  const { messages, used, duplicates, refused, ignored } = report.intake;
  let wrong = Math.abs(report.storedReadings - stored.readings.size);
  wrong += Math.abs(messages - used - duplicates - refused - ignored) + stored.miscounted;
  for (const n of stored.readings.keys()) if (n >= expected.attempted) wrong++;
  if (sink === undefined) return wrong + valuesBelow(expected.acknowledged);
  const { accepted, delivered, late, pending, expired, evicted, deadLettered } = sink.ledger;
  wrong += Math.abs(accepted - delivered - late - pending - expired - evicted - deadLettered);
  wrong += Math.abs(pending - stored.pendingValues);
  // What came in before the file was damaged is counted again from there, as far as it is still stored.
  if (!expected.damaged)
    wrong += outside(accepted, valuesBelow(expected.acknowledged), valuesBelow(expected.attempted));
  return wrong;
}

/** An append in flight is stored whole or not at all, so nothing between the two is right. */
function outside(value: number, one: number, other: number): number {
  return Math.min(Math.abs(value - one), Math.abs(value - other));
}
