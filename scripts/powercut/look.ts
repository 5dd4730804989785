import { DAY, MINUTE } from '../../src/model/time.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import type { Log } from '../../src/platform/log.ts';

export interface Found {
  /** How often each number is stored. */
  readonly numbers: ReadonlyMap<number, number>;
  /** By how much the counts do not balance. */
  readonly unaccounted: number;
  /** What the queue said was wrong while it opened. */
  readonly errors: readonly string[];
}

/** Opens a data directory with the product's own code and reads what is in it. */
export async function look(dataDir: string): Promise<Found> {
  const errors: string[] = [];
  const log: Log = {
    error: (_, message) => void errors.push(message ?? ''),
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    child: () => log,
  };
  const options = {
    ttlMs: DAY,
    retentionMs: 7 * DAY,
    budgetBytes: 512 * 1024 ** 2,
    minFreeDiskBytes: 0,
    bootId: 'host',
  };
  const { queue } = await openQueue(
    { dataDir, ...options },
    { log, onDeath: (error) => void errors.push(String(error)) },
  );
  const { intake, sinks, storedReadings } = await queue.report(Date.now());
  await queue.close();
  const numbers = new Map<number, number>();
  const inspector = openInspector(dataDir);
  let readings = 0;
  for (const page of inspector.history({ from: Date.now() - DAY, to: Date.now() + 5 * MINUTE })) {
    readings += page.length;
    for (const number of page.values) numbers.set(number, (numbers.get(number) ?? 0) + 1);
  }
  inspector.close();
  let unaccounted = Math.abs(storedReadings - readings) + Math.abs(intake.readings - readings);
  for (const { ledger } of sinks) {
    const { accepted, delivered, late, pending, expired, evicted, deadLettered } = ledger;
    unaccounted += Math.abs(accepted - delivered - late - pending - expired - evicted - deadLettered);
    unaccounted += Math.abs(accepted - readings);
  }
  return { numbers, unaccounted, errors };
}
