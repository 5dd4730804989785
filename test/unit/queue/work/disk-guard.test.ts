import { existsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../../src/queue/work/open-store.ts';
import type { Store } from '../../../../src/queue/work/store.ts';
import { at, DYNATRACE, queueOptions, REQUEST, T0 } from '../../../support/queue-fixture.ts';
import { lacks } from '../../../support/needs.ts';
import { appendOf } from '../../../support/queue-readings.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { SmallFileSystem } from '../../../support/small-file-system.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const MIB = 1024 ** 2;

/** A store on a disk of which the test says how much is free. */
function storeOn(
  disk: { readonly freeBytes: number },
  minFreeDiskBytes = 0,
  dataDir = tempDir(),
): { store: Store; ballast: string } {
  const { store } = openStore(queueOptions({ dataDir, minFreeDiskBytes }), {
    now: T0,
    startedMono: 0,
    log: silentLog,
    diskSpace: () => ({ freeBytes: disk.freeBytes, totalBytes: 1024 * MIB }),
  });
  onTestFinished(() => store.close());
  store.registerSinks([DYNATRACE]);
  return { store, ballast: join(dataDir, 'ballast') };
}

function run<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** From now on the file may not grow: what the disk says when it is full, too. */
function fill({ store }: { store: Store }): void {
  store.database.connection.pragma('max_page_count = 1');
}

const many = (minute: number) => appendOf(Array.from({ length: 2_000 }, (_, i) => ({ at: at(minute, i / 100) })));

it('frees its ballast when the disk is full, stores nothing until there is space, and then goes on', () => {
  const disk = { freeBytes: 500 * MIB };
  const { store, ballast } = storeOn(disk);
  run(store.advance(at(0)));
  expect(existsSync(ballast)).toBe(true);
  store.append(many(0));
  disk.freeBytes = MIB;
  fill({ store });
  expect(() => store.append(many(1))).toThrow(/full/);
  expect(existsSync(ballast)).toBe(false);
  expect(() => store.append(appendOf([{ at: at(2) }]))).toThrow(/the disk is full/);
  expect(store.report(at(2))).toMatchObject({ storedReadings: 2_000, pendingReadings: 2_000 });

  disk.freeBytes = 500 * MIB;
  store.database.connection.pragma('max_page_count = 100000');
  expect(store.append(appendOf([{ at: at(2) }]))).toMatchObject({ readings: 1 });
  expect(existsSync(ballast)).toBe(true);
});

it('writes its ballast anew where somebody has cut it short', () => {
  const { store, ballast } = storeOn({ freeBytes: 500 * MIB });
  run(store.advance(at(0)));
  for (const bytes of [0, 8 * MIB - 1]) {
    truncateSync(ballast, bytes);
    run(store.advance(at(0)));
    expect(statSync(ballast).size).toBe(8 * MIB);
  }
});

it('makes room and stores when it is the budget that is full and not the disk', () => {
  const disk = { freeBytes: 500 * MIB };
  const { store } = storeOn(disk);
  for (let minute = 0; minute < 5; minute++) store.append(many(minute));
  fill({ store });
  expect(store.append(appendOf(Array.from({ length: 200 }, (_, i) => ({ at: at(9, i / 10) }))))).toMatchObject({
    readings: 200,
  });
});

it('dates no eviction by messages that brought no reading', () => {
  const { store } = storeOn({ freeBytes: 500 * MIB });
  for (let minute = 0; minute < 30; minute++) store.append(many(minute));
  fill({ store });
  const counts = Array.from({ length: 60 }, (_, i) => ({
    source: `source-${i}`,
    refused: 1,
    ignored: 0,
    refusedFields: 0,
    lastRefusal: { at: at(9), topic: 'amis', reason: 'no meter speaks like this '.repeat(20) },
  }));
  expect(store.append(appendOf([], counts)).evicted).toBeGreaterThan(0);
  expect(store.report(at(9)).lastEvictionAt).toBeNull();
});

it('does not let the file grow towards a disk that runs low', () => {
  const disk = { freeBytes: 500 * MIB };
  const { store } = storeOn(disk, 200 * MIB);
  for (let minute = 0; minute < 30; minute++) store.append(many(minute));
  disk.freeBytes = 100 * MIB;
  expect(run(store.advance(at(30)))).toMatchObject({ evicted: 0 });
});

it('gives way on a disk that runs low, and has its ballast, while nobody knows the time', () => {
  const disk = { freeBytes: 500 * MIB };
  const { store, ballast } = storeOn(disk, 200 * MIB);
  const wide = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`q.${i}`, i + 1 / 3]));
  for (let minute = 0; minute < 60; minute++) {
    store.append(appendOf(Array.from({ length: 1_000 }, (_, i) => ({ at: at(minute, i / 100), values: wide }))));
  }
  expect(run(store.keepBounds(at(60)))).toMatchObject({ evicted: 0 });
  expect(existsSync(ballast)).toBe(true);
  disk.freeBytes = 100 * MIB;
  expect(run(store.keepBounds(at(60))).evicted).toBeGreaterThan(0);
  expect(store.database.usedBytes).toBeLessThan(store.database.fileBytes);
});

describe.skipIf(lacks({ programs: ['mount'], root: true }))('a disk that somebody else has filled', () => {
  it('gives its ballast for what was sent to be settled, without an append, and none of it to new readings', () => {
    const disk = new SmallFileSystem(32 * MIB);
    const { store, ballast } = storeOn(disk, 0, disk.path);
    run(store.confirmBoot(null));
    store.append(many(0));
    run(store.advance(at(5)));
    expect(existsSync(ballast)).toBe(true);
    const claim = store.claim({ ...REQUEST, maxItems: 2_000 });
    disk.fill();
    store.settle({ claim: claim?.id ?? 0, readings: 2_000, deadLetters: [], tooOld: [], now: at(5) });
    store.putState('large', 'x'.repeat(MIB), 0, 0);
    store.flush();
    expect(existsSync(ballast)).toBe(false);
    expect(store.report(at(5))).toMatchObject({ pendingReadings: 0, storedReadings: 2_000 });
    expect(() => store.append(appendOf([{ at: at(6) }]))).toThrow(/the disk is full/);

    disk.free();
    run(store.advance(at(6)));
    expect(existsSync(ballast)).toBe(true);
    expect(store.append(appendOf([{ at: at(6) }]))).toMatchObject({ readings: 1 });
  });
});
