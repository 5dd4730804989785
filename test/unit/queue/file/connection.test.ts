import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openBriefWriter, openReader, openWriter } from '../../../../src/queue/file/connection.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const MIB = 1024 ** 2;

function open(): { path: string; db: Database.Database } {
  const path = join(tempDir(), 'queue.db');
  const db = openWriter(path, 64 * MIB);
  onTestFinished(() => void db.close());
  return { path, db };
}

it('writes every commit through to the disk: WAL with synchronous FULL', () => {
  const { db, path } = open();
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(db.pragma('synchronous', { simple: true })).toBe(2);
  const brief = openBriefWriter(path);
  expect(brief.pragma('synchronous', { simple: true })).toBe(2);
  brief.close();
});

it('leaves no empty file when a new database cannot be written: it would pass for one that lost what it held', () => {
  const path = join(tempDir(), 'queue.db');
  vi.spyOn(Database.prototype, 'pragma').mockImplementation(() => {
    throw new Error('database or disk is full');
  });
  expect(() => openWriter(path, 64 * MIB)).toThrow(/full/);
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, '');
  expect(() => openWriter(path, 64 * MIB)).toThrow(/full/);
  expect(existsSync(path)).toBe(true);
});

it.each([
  ['synchronous = FULL', 'synchronous = NORMAL'],
  ['journal_mode = WAL', 'journal_mode = DELETE'],
])('does not open a file on which `%s` turns out as `%s`', (asked, given) => {
  const pragma = Reflect.get(Database.prototype, 'pragma');
  vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (this: Database.Database, source, options) {
    return pragma.call(this, source === asked ? given : source, options);
  });
  expect(() => openWriter(join(tempDir(), 'queue.db'), 64 * MIB)).toThrow(/cannot be written durably/);
});

it.each([
  ['auto_vacuum', 2],
  ['wal_autocheckpoint', 1_000],
  ['journal_size_limit', 8 * MIB],
  ['cache_size', -2_000],
  ['temp_store', 2],
  ['trusted_schema', 0],
  ['max_page_count', 64 * 256 + 1_024],
])('sets %s', (pragma, value) => {
  expect(open().db.pragma(pragma, { simple: true })).toBe(value);
});

it('is built on an SQLite without the WAL-reset bug', () => {
  const { version } = new Database(':memory:')
    .prepare<[], { version: string }>('SELECT sqlite_version() AS version')
    .get() ?? { version: '0' };
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(3_051_003);
});

it('gives a reader that cannot write', () => {
  const { path } = open();
  const reader = openReader(path);
  onTestFinished(() => void reader?.close());
  expect(() => reader?.exec('DELETE FROM readings')).toThrow(/readonly/);
});
