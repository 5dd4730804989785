import { expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../../src/model/time.ts';
import { openStore } from '../../../../src/queue/work/open-store.ts';
import type { Store } from '../../../../src/queue/work/store.ts';
import { queueOptions, T0 } from '../../../support/queue-fixture.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const diskSpace = () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 });

function openIn(dataDir: string, startedMono: number): Store {
  return openStore(queueOptions({ dataDir }), { now: T0, startedMono, log: silentLog, diskSpace }).store;
}

/** As the kernel ends it: whatever was not committed is gone, and no stop is marked. */
const crash = (store: Store): void => {
  store.database.connection.close();
};

it('five ends without a stop lead to safe mode, and what it held back is on record before it begins', () => {
  const dataDir = tempDir();
  let mono = 0;
  for (let i = 0; i < 5; i++) {
    const store = openIn(dataDir, (mono += 10 * SECOND));
    expect(store.safeForMs).toBe(0);
    crash(store);
  }
  const safe = openIn(dataDir, (mono += 10 * SECOND));
  expect(safe.safeForMs).toBe(30 * MINUTE);
  safe.putState('daemon', { beat: 1 }, (mono += 30 * MINUTE - SECOND), SECOND);
  safe.flush();
  safe.endSafeMode((mono += SECOND));
  crash(safe);
  expect(openIn(dataDir, (mono += 10 * SECOND)).safeForMs).toBe(30 * MINUTE);
});

it('a stop is no crash', () => {
  const dataDir = tempDir();
  for (let i = 0; i < 7; i++) {
    const store = openIn(dataDir, i * SECOND);
    expect(store.safeForMs).toBe(0);
    store.close();
  }
});

it('how long a run lived is noted with what is committed anyway, and costs no commit of its own', () => {
  const store = openIn(tempDir(), 0);
  const changes = () => Number(store.database.connection.pragma('data_version', { simple: true }));
  const before = changes();
  store.putState('daemon', { beat: 1 }, 40 * SECOND, 5 * SECOND);
  expect(changes()).toBe(before);
  expect(store.database.tables.meta.get('runs')).toMatchObject([{ seenMono: 0 }]);
  store.flush();
  expect(store.database.tables.meta.get('runs')).toMatchObject([{ seenMono: 40 * SECOND }]);
  store.close();
});
