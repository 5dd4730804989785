import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { EXIT, GatewayError } from '../../model/error.ts';
import { programFile } from '../../platform/program-files.ts';

/** "gwq1": what `file` and we recognise the database by. */
export const APPLICATION_ID = 0x67777131;

const MIGRATIONS = programFile('migrations');
const FILE_NAME = /^(\d{4})_[a-z0-9-]+\.sql$/;

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The migrations this program brings, in order. Throws when their numbers leave a gap. */
export function readMigrations(directory = MIGRATIONS): Migration[] {
  const migrations = readdirSync(directory)
    .filter((name) => FILE_NAME.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(directory, name), 'utf8');
      return { version: Number(name.slice(0, 4)), name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
  for (const [index, { name, version }] of migrations.entries()) {
    if (version !== index + 1) throw new Error(`migration ${name} should have the number ${index + 1}`);
  }
  if (migrations.length === 0) throw new Error(`no migrations in ${directory}`);
  return migrations;
}

/** The database's version; throws a GatewayError with exit code 5 when this program does not know it. */
export function knownVersion(db: Database.Database, migrations: readonly Migration[]): number {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new GatewayError(`The database is of version ${version}; this program knows up to ${migrations.length}.`, {
      hint: 'Run the newer gateway that wrote it, or move the data directory away to begin with an empty one.',
      exitCode: EXIT.newerDatabase,
    });
  }
  return version;
}

/** Brings the database to the newest version, each step in a transaction of its own. Only the daemon calls this. */
export function migrate(db: Database.Database, migrations: readonly Migration[]): void {
  const version = knownVersion(db, migrations);
  if (version > 0) verifyChecksums(db, migrations.slice(0, version));
  for (const migration of migrations.slice(version)) {
    db.transaction(() => {
      db.exec(
        'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT',
      );
      db.prepare('INSERT INTO migrations VALUES (?, ?, ?)').run(migration.version, migration.name, migration.checksum);
      db.exec(migration.sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${migration.version}`);
    }).immediate();
  }
}

function verifyChecksums(db: Database.Database, expected: readonly Migration[]): void {
  const rows = db.prepare<[], { version: number; checksum: string }>('SELECT version, checksum FROM migrations').all();
  const applied = new Map(rows.map((row) => [row.version, row.checksum]));
  for (const { version, name, checksum } of expected) {
    if (applied.get(version) === checksum) continue;
    throw new GatewayError(`The database was made with another text of migration ${name}.`, {
      hint: 'Install the release again that last ran on this data directory; its files have been changed.',
      exitCode: EXIT.internal,
    });
  }
}
