import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { APPLICATION_ID, migrate, readMigrations } from '../../../../src/queue/file/migrate.ts';
import { tempDir } from '../../../support/temp-dir.ts';

function directory(files: Readonly<Record<string, string>>): string {
  const dir = join(tempDir(), 'migrations');
  mkdirSync(dir);
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(dir, name), sql);
  return dir;
}

const ONE = { '0001_one.sql': 'CREATE TABLE one (x) STRICT;'.replace('(x)', '(x INTEGER)') };
const TWO = { ...ONE, '0002_two.sql': 'ALTER TABLE one ADD COLUMN y INTEGER;' };

it('applies in order what is missing, once', () => {
  const db = new Database(':memory:');
  migrate(db, readMigrations(directory(ONE)));
  db.prepare('INSERT INTO one VALUES (1)').run();
  migrate(db, readMigrations(directory(TWO)));
  migrate(db, readMigrations(directory(TWO)));
  expect(db.prepare('SELECT x, y FROM one').all()).toEqual([{ x: 1, y: null }]);
  expect(db.pragma('user_version', { simple: true })).toBe(2);
  expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
});

it('refuses a database that was made with another text of a migration', () => {
  const db = new Database(':memory:');
  migrate(db, readMigrations(directory(ONE)));
  const changed = readMigrations(directory({ '0001_one.sql': 'CREATE TABLE one (z INTEGER) STRICT;' }));
  expect(() => migrate(db, changed)).toThrow(/another text of migration 0001_one.sql/);
});

it('leaves the database at the version before when a migration fails', () => {
  const db = new Database(':memory:');
  const broken = { ...ONE, '0002_broken.sql': 'CREATE TABLE two (x INTEGER) STRICT; SELECT nonsense;' };
  expect(() => migrate(db, readMigrations(directory(broken)))).toThrow(/nonsense/);
  expect(db.pragma('user_version', { simple: true })).toBe(1);
  expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'two'").all()).toEqual([]);
});

it('does not take numbers with a gap', () => {
  expect(() => readMigrations(directory({ '0001_a.sql': '', '0003_c.sql': '' }))).toThrow(/should have the number 2/);
});
