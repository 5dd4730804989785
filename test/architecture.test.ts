import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, sourceTree } from './support/source-tree.ts';

const MAP = readFileSync(join(ROOT, 'src/README.md'), 'utf8');
const SOURCES = sourceTree('src');
/** Interface files that other folders may import at run time; of everything else there, only types. */
const INTERFACES = new Set([
  'src/sources/source.ts',
  'src/devices/profile.ts',
  'src/queue/queue.ts',
  'src/queue/inspector.ts',
  'src/sinks/sink.ts',
]);
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  mqtt: ['sources'],
  'mqtt-packet': ['sources'],
  aedes: ['sources'],
  'better-sqlite3': ['queue'],
  serialport: ['sources'],
  undici: ['platform'],
  pino: ['platform'],
  'pino-pretty': ['platform'],
  'p-retry': ['dispatch'],
  zod: ['config'],
  yaml: ['config'],
  commander: ['commands', 'cli.ts'],
  picocolors: ['commands', 'cli.ts'],
};

/** Who may read the wall clock beside platform/, the commands and the simulators, and for what. */
const WALL_CLOCK_READERS = new Map([
  ['src/queue/open-queue.ts', 'the name under which a damaged database is moved aside'],
  ['src/sinks/dynatrace/dynatrace-sink.ts', "the difference to the server's clock that `gateway check` shows"],
  ['src/sinks/dynatrace/http.ts', 'a wait given as a date by a server that tells no date, at most 15 min'],
]);

describe('the tree', () => {
  const table = importTable();

  it('has a map that names every folder, and no folder the map does not know', () => {
    const folders = new Set(SOURCES.map((file) => folderOf(file.path)));
    expect(SOURCES.length).toBeGreaterThan(20);
    expect([...folders].filter((folder) => !table.has(folder))).toEqual([]);
    expect([...table.keys()].filter((folder) => !existsSync(join(ROOT, 'src', folder)))).toEqual([]);
  });

  it('imports only as the table in src/README.md says', () => {
    const seen = SOURCES.flatMap((file) => file.files.map((target) => [file.path, target] as const));
    expect(seen.length).toBeGreaterThan(50);
    const wrong = seen.filter(([from, target]) => {
      const [a, b] = [folderOf(from), folderOf(target)];
      return a !== b && !(table.get(a)?.(b) ?? false);
    });
    expect(wrong).toEqual([]);
  });

  it('keeps each package in its one home folder', () => {
    const used = SOURCES.flatMap((file) => file.packages.map((name) => [name, file.path] as const));
    expect(used.length).toBeGreaterThan(5);
    const wrong = used.filter(([name, path]) => !(PACKAGE_HOMES[name]?.includes(folderOf(path)) ?? false));
    expect(wrong).toEqual([]);
  });

  it('lets only the composition root and the commands make instances of sources, sinks, queues and profiles', () => {
    const guarded = new Set(['sources', 'sinks', 'queue', 'devices']);
    const wrong = SOURCES.filter(
      (file) => !['gateway.ts', 'make-source.ts', 'housekeeping.ts', 'commands'].includes(folderOf(file.path)),
    ).flatMap((file) =>
      valueImports(file.text, file.path)
        .filter(
          (target) =>
            guarded.has(folderOf(target)) && folderOf(target) !== folderOf(file.path) && !INTERFACES.has(target),
        )
        .map((target) => [file.path, target]),
    );
    expect(wrong).toEqual([]);
  });

  it('mentions SQL nowhere but in queue/', () => {
    const sql = /\b(SELECT\s+[\w*]|INSERT INTO|UPDATE \w+ SET|DELETE FROM|PRAGMA )/;
    const files = SOURCES.filter((file) => sql.test(file.text)).map((file) => file.path);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((path) => folderOf(path) !== 'queue')).toEqual([]);
  });

  it('reads the wall clock only in platform/', () => {
    const files = SOURCES.filter((file) => /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(file.text)).map(
      (file) => file.path,
    );
    expect(files.filter((path) => !['platform', 'simulate', 'commands'].includes(folderOf(path)))).toEqual([]);
  });

  it('lets no wall clock decide what expires, and when something is tried again', () => {
    const clock = /\.wallMs\(|\bperformance\.timeOrigin\b/;
    // SQLite has a wall clock of its own.
    const sql = /\bCURRENT_(?:TIME|DATE|TIMESTAMP)\b|\b(?:unixepoch|datetime|strftime|julianday)\(/;
    const readers = SOURCES.filter(({ text }) => clock.test(text)).map(({ path }) => path);
    expect(readers).toContain('src/platform/believed-clock.ts');
    const elsewhere = readers.filter((path) => !['platform', 'commands', 'simulate'].includes(folderOf(path)));
    expect(elsewhere.toSorted()).toEqual([...WALL_CLOCK_READERS.keys()].toSorted());
    expect(SOURCES.filter(({ text }) => sql.test(text)).map(({ path }) => path)).toEqual([]);
    const migrations = readdirSync(join(ROOT, 'migrations'));
    expect(migrations.length).toBeGreaterThan(0);
    expect(migrations.filter((name) => sql.test(readFileSync(join(ROOT, 'migrations', name), 'utf8')))).toEqual([]);
  });

  it('exports nothing that nobody imports', () => {
    const everyone = [...SOURCES, ...sourceTree('test', 'scripts')];
    const unused = SOURCES.flatMap((file) =>
      [...file.text.matchAll(/^export (?:abstract )?(?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm)]
        .map((match) => match[1] ?? '')
        .filter((name) => !everyone.some((other) => other !== file && new RegExp(`\\b${name}\\b`).test(other.text)))
        .filter((name) => (file.text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) < 2)
        .map((name) => `${file.path}: ${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('has no file over 350 lines', () => {
    const long = SOURCES.filter((file) => file.text.split('\n').length > 351).map((file) => file.path);
    expect(long).toEqual([]);
  });
});

/** Folder → may it import this other folder? Read from the map itself, so that the map cannot lie. */
function importTable(): Map<string, (target: string) => boolean> {
  const rows = [...MAP.matchAll(/^\| `([\w.-]+)\/?` \|[^|]*\|([^|]*)\|$/gm)];
  return new Map(
    rows.map(([, folder = '', cell = '']) => {
      const names = new Set([...cell.matchAll(/`([\w.-]+)`/g)].map((match) => match[1]));
      return [
        folder,
        cell.includes('all but') ? (target: string) => !names.has(target) : (target: string) => names.has(target),
      ];
    }),
  );
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? path;
}

function valueImports(text: string, path: string): string[] {
  const statements = [...text.matchAll(/^import (?!type\b)([^;]*?) from '(\.[^']+)';/gms)];
  return statements
    .filter(([, what = '']) => !/^\{(\s*type \w+( as \w+)?,?)+\s*\}$/s.test(what))
    .map(([, , target = '']) => join(path, '..', target));
}
