import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openWriter } from '../../src/queue/file/connection.ts';
import type { DiskSpace } from '../../src/platform/disk-space.ts';
import type { SinkRegistration } from '../../src/queue/queue.ts';
import type { ClaimBounds } from '../../src/queue/work/item-limit.ts';
import { Store } from '../../src/queue/work/store.ts';
import { DYNATRACE, queueOptions } from './queue-fixture.ts';
import { RecordedStatements } from './recorded-statements.ts';
import { tempDir } from './temp-dir.ts';

export interface RecordedStore {
  readonly store: Store;
  readonly statements: RecordedStatements;
  /** The database's file; its log stands beside it. */
  readonly path: string;
}

const ample: DiskSpace = () => ({ freeBytes: 1e12, totalBytes: 1e12 });

/** The queue on this thread, confirmed, with one sink; what it asks of SQLite is recorded. Closed with the test. */
export function recordedStore(
  sinks: readonly SinkRegistration[] = [DYNATRACE],
  claimBounds?: ClaimBounds,
): RecordedStore {
  const dataDir = tempDir();
  const path = join(dataDir, 'queue.db');
  const connection = openWriter(path, 64 * 1024 ** 2);
  onTestFinished(() => void connection.close());
  const statements = new RecordedStatements(connection);
  const options = queueOptions({ dataDir });
  const store = new Store({
    connection: statements.connection,
    path,
    options,
    diskSpace: ample,
    startedMono: 0,
    claimBounds,
  });
  store.registerSinks(sinks);
  expect([...store.confirmBoot(null)]).toEqual([]);
  statements.clear();
  return { store, statements, path };
}
