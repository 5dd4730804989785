import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMigrations } from '../../src/queue/file/migrate.ts';
import { ROOT } from './source-tree.ts';
import { tempDir } from './temp-dir.ts';

export interface Release {
  readonly cli: string;
  /** Of its databases. */
  readonly version: number;
}

/** This program with one more migration: what a later release will be to the databases of today. */
export function nextRelease(sql: string): Release {
  const dir = tempDir();
  for (const part of ['src', 'migrations', 'package.json'])
    cpSync(join(ROOT, part), join(dir, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const version = readMigrations().length + 1;
  writeFileSync(join(dir, 'migrations', `${String(version).padStart(4, '0')}_next-release.sql`), sql);
  return { cli: join(dir, 'src/cli.ts'), version };
}
