import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openWriter } from '../../../../src/queue/file/connection.ts';
import { troubleOf } from '../../../../src/queue/file/sqlite-error.ts';
import { Database } from '../../../../src/queue/work/database.ts';
import { tempDir } from '../../../support/temp-dir.ts';

it('takes a file for damaged into which the write-ahead log cannot be brought any more, and not before', () => {
  const connection = openWriter(join(tempDir(), 'queue.db'), 2 ** 28);
  onTestFinished(() => void connection.close());
  const database = new Database(connection);
  connection.pragma('wal_autocheckpoint = 0');
  // As SQLite says it when the file's blocks are bad: SQLITE_IOERR_FSYNC.
  const pragma = vi.spyOn(connection, 'pragma').mockImplementation(() => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
  });
  grow(8);
  expect(() => database.boundWal()).not.toThrow();
  grow(24);
  expect(attempt(() => database.boundWal())).toBe('corrupt');
  pragma.mockRestore();
  expect(() => database.boundWal()).not.toThrow();

  function grow(mib: number): void {
    const insert = connection.prepare('INSERT INTO meta (key, json) VALUES (?, ?)');
    connection.transaction(() => insert.run(`large ${mib}`, 'x'.repeat(mib * 1024 ** 2)))();
  }
});

it('tells of each commit that wrote something, not of empty ones and not of what was undone', () => {
  const connection = openWriter(join(tempDir(), 'queue.db'), 2 ** 28);
  onTestFinished(() => void connection.close());
  const database = new Database(connection);
  const written = vi.fn<() => void>();
  database.whenWritten(written);
  const { meta } = database.tables;
  database.commit(() => meta.get('clean'));
  const undone = (): void => {
    meta.set('clean', true);
    throw new Error('undone');
  };
  expect(() => database.commit(undone)).toThrow('undone');
  database.commitAlone(() => undefined);
  expect(written).not.toHaveBeenCalled();
  database.commit(() => meta.set('clean', false));
  database.commitAlone(() => meta.set('clean', true));
  database.commitReadings(() => meta.set('clean', false));
  expect(written).toHaveBeenCalledTimes(3);
});

function attempt(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return troubleOf(error);
  }
}
