import { expect, it } from 'vitest';
import { HOUR } from '../../../../src/model/time.ts';
import { history } from '../../../../src/queue/work/history.ts';
import { DamagedReadings } from '../../../../src/queue/work/damaged-readings.ts';
import { LetterSearch } from '../../../../src/queue/work/letter-search.ts';
import { planReplay } from '../../../../src/queue/work/plan-replay.ts';
import { T0 } from '../../../support/queue-fixture.ts';
import { recordedStore } from '../../../support/recorded-store.ts';

/** Tables that hold a row per device, source, sink, quantity or name: they are as large as the house, not as its history. */
const SMALL = ['boots', 'counters', 'origins', 'replays', 'shapes', 'sinks', 'sources', 'state', 'json_each'];
/** Those that may look at every row of a table that grows, and why. */
const WHOLE: readonly (readonly [sql: RegExp, scan: RegExp, why: string])[] = [
  [/^SELECT coalesce\(sum\(readings\)/, /^(owed|dead_letters)$/, 'one row per minute that is owed, summed for status'],
  [/^SELECT o\.minute, max/, /^(owed_parts|p)$/, 'one row per minute that goes out in parts, which few do at once'],
  [/^SELECT id FROM dead_letters .* LIMIT \?$/, /^dead_letters$/, 'by id, and ends when it has enough'],
  [/^SELECT l\.id, s\.name AS sink/, /^dead_letters$/, 'a person asks for all dead letters'],
  [/^DELETE FROM displaced/, /^displaced$/, 'one row per minute a clock was wrong, at most once a minute'],
];

interface Plan {
  readonly sql: string;
  readonly plan: string;
}

/** Every statement the daemon and those who look at its file prepare, with its plan. */
function plans(): Plan[] {
  const { store, statements } = recordedStore();
  const { connection, prepared } = statements;
  const { tables } = store.database;
  const range = { from: T0, to: T0 + HOUR };
  store.report(T0);
  expect([...history(connection, tables, range)]).toEqual([]);
  const windows = { dynatrace: [{ route: 'metrics', behindMs: HOUR }] };
  planReplay(connection, tables, { ...range, wholeMinutes: true, now: T0, windows }, store.sinks.all);
  expect(new LetterSearch(connection).find({})).toEqual([]);
  expect(new DamagedReadings(connection)).toBeDefined();
  return [...prepared].map((sql) => {
    const explained = connection.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    const numbered = new Set(sql.match(/\?\d/g));
    const parameters =
      numbered.size > 0
        ? [Object.fromEntries([...numbered].map((name) => [name.slice(1), null]))]
        : (sql.match(/\?/g) ?? []).map(() => null);
    const rows = explained.all(...parameters);
    return { sql: sql.replaceAll(/\s+/g, ' '), plan: rows.map(({ detail }) => detail).join('; ') };
  });
}

/** Tables that grow of which a plan looks at every row. Subqueries are what the plan itself made, VALUES what it was given. */
function scanned({ sql, plan }: Plan): string[] {
  const aliases = new Map([...sql.matchAll(/(\w+) AS (\w+)/g)].map(([, table, alias]) => [alias, table]));
  return [...plan.matchAll(/SCAN (?!CONSTANT ROW|\d+-ROW VALUES CLAUSE)(\w+)/g)]
    .map(([, name]) => aliases.get(name) ?? name ?? '')
    .filter((table) => !SMALL.includes(table));
}

it('looks at all of a table that grows only where a reason is given', () => {
  const all = plans();
  expect(all.length).toBeGreaterThan(70);
  for (const statement of all) {
    const reason = WHOLE.find(([sql]) => sql.test(statement.sql));
    const unexplained = scanned(statement).filter((table) => reason?.[1].test(table) !== true);
    expect(unexplained, `${statement.sql}: ${statement.plan}`).toEqual([]);
  }
  for (const [sql, , why] of WHOLE) {
    const excused = all.filter((statement) => sql.test(statement.sql) && scanned(statement).length > 0);
    expect(excused, `no statement needs to be excused: ${why}`).toHaveLength(1);
  }
});

it('never scans the readings: each statement on them asks for minutes by key', () => {
  const ofReadings = plans().filter(({ sql }) => /\b(FROM|UPDATE|INTO) readings\b/.test(sql));
  expect(ofReadings.length).toBeGreaterThan(11);
  for (const { sql, plan } of ofReadings) {
    expect(plan, sql).not.toMatch(/SCAN readings|SCAN r\b/);
    const found = sql.startsWith('INSERT') || /SEARCH (readings|r) USING INTEGER PRIMARY KEY \(rowid/.test(plan);
    expect(found, `${sql}: ${plan}`).toBe(true);
  }
  // Only what a person asks for is sorted, the plan of a replay is grouped, and a claim of whole devices of one minute.
  const sorted = ofReadings.filter(({ plan }) => plan.includes('TEMP B-TREE'));
  const why = sorted.map(({ sql }) => /count\(\*\)|origin BETWEEN \? AND \?/.exec(sql)?.[0]);
  expect(new Set(why)).toEqual(new Set(['count(*)', 'origin BETWEEN ? AND ?']));
  expect(why).toHaveLength(2);
});

it('finds what a lane takes by the key of what is owed, in order', () => {
  const claims = plans().filter(({ sql }) => /FROM owed AS o .* WHERE o\.sink = \? AND o\.minute >= \?/.test(sql));
  expect(claims).toHaveLength(2);
  for (const { plan } of claims)
    expect(plan).toBe(
      'SEARCH o USING PRIMARY KEY (sink=? AND minute>? AND minute<?); SEARCH p USING PRIMARY KEY (sink=? AND minute=?) LEFT-JOIN',
    );
});
