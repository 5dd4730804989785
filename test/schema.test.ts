import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate, readMigrations } from '../src/queue/file/migrate.ts';

/** Every table and index as the migrations leave them, by name. */
function dump(): string {
  const db = new Database(':memory:');
  migrate(db, readMigrations());
  const rows = db
    .prepare<[], { sql: string }>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name')
    .all();
  db.close();
  return `${rows.map(({ sql }) => `${sql};`).join('\n\n')}\n`;
}

it('has the schema that schema.sql shows; `npx vitest -u` writes it anew', async () => {
  await expect(dump()).toMatchFileSnapshot('schema.sql');
});

it('has only STRICT tables', () => {
  const tables = dump()
    .split(';\n')
    .filter((sql) => sql.includes('CREATE TABLE'));
  expect(tables.length).toBeGreaterThan(10);
  for (const sql of tables) expect(sql).toMatch(/\) STRICT(, WITHOUT ROWID)?$/);
});
