import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openWriter } from '../../../../src/queue/file/connection.ts';
import { tablesOf } from '../../../../src/queue/tables/tables.ts';
import { Pending } from '../../../../src/queue/work/pending.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** Every statement the daemon prepares, with its plan. */
function plans(): { sql: string; plan: string }[] {
  const db = openWriter(join(tempDir(), 'queue.db'), 64 * 1024 ** 2);
  onTestFinished(() => void db.close());
  const statements: string[] = [];
  const recording = new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') {
        return (sql: string) => {
          statements.push(sql);
          return target.prepare(sql);
        };
      }
      return Reflect.get(target, name, target) as unknown;
    },
  });
  tablesOf(recording);
  expect(new Pending(recording)).toBeDefined();
  return statements.map((sql) => {
    const parameters = (sql.match(/\?/g) ?? []).map(() => null);
    const rows = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
    return { sql, plan: rows.map(({ detail }) => detail).join('; ') };
  });
}

it('never scans the readings: each statement on them asks for minutes by key', () => {
  const ofReadings = plans().filter(({ sql }) => /\b(FROM|UPDATE|INTO) readings\b/.test(sql));
  expect(ofReadings.length).toBeGreaterThan(9);
  for (const { sql, plan } of ofReadings) {
    expect(plan, sql).not.toMatch(/SCAN readings|SCAN r\b|TEMP B-TREE/);
    const found = sql.startsWith('INSERT') || /SEARCH (readings|r) USING INTEGER PRIMARY KEY \(rowid/.test(plan);
    expect(found, `${sql}: ${plan}`).toBe(true);
  }
});

it('finds what a lane takes by the key of what is owed, in order', () => {
  const claims = plans().filter(({ sql }) => /FROM owed WHERE sink = \? AND minute >= \?/.test(sql));
  expect(claims).toHaveLength(2);
  for (const { plan } of claims) expect(plan).toBe('SEARCH owed USING PRIMARY KEY (sink=? AND minute>? AND minute<?)');
});
