import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/model/error.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { GatewayProcess, type CommandResult } from '../support/gateway-process.ts';
import { lacks } from '../support/needs.ts';
import { asOrdinaryUser } from '../support/ordinary-user.ts';
import { at, TestQueue } from '../support/queue-fixture.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const NOBODY = 65_534;

interface Refusal {
  readonly what: string;
  readonly make: (database: string) => void;
  readonly exitCode: number;
  readonly message: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: 'a database of a newer version',
    make: (database) => withDatabase(database, (db) => void db.pragma('user_version = 99')),
    exitCode: EXIT.newerDatabase,
    message: /version 99.*\nhint: Run the newer gateway/,
  },
  {
    what: 'a symbolic link in place of the database',
    make: (database) => {
      renameSync(database, `${database}.elsewhere`);
      symlinkSync(`${database}.elsewhere`, database);
    },
    exitCode: EXIT.configuration,
    message: /is a symbolic link.*\nhint: Move the real file/,
  },
  {
    what: 'a database of another program',
    make: (database) => withDatabase(database, (db) => void db.pragma('application_id = 1')),
    exitCode: EXIT.configuration,
    message: /of another program.*\nhint: Set dataDir/,
  },
];

describe('the gateway refuses', () => {
  it.each(REFUSALS)(
    '$what, says why, and changes nothing',
    within(30_000),
    async ({ what, make, exitCode, message }) => {
      const { dir, database } = await stoppedGateway();
      make(database);
      const before = readFileSync(database);
      const gateway = new GatewayProcess({ dir, yaml: 'sources: []' });
      const { code, stderr } = await gateway.command('run');
      expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringMatching(message) });
      expect(readFileSync(database).equals(before)).toBe(true);
      reportFault({ fault: what, rounds: 1, acknowledged: 1, lost: 0, duplicates: 0, unaccounted: 0 });
    },
  );
});

describe.skipIf(lacks({ programs: ['setpriv'], root: true }))('a user without permission', () => {
  it.each<[string, (dataDir: string) => void]>([
    ['the folder is another user’s', (dataDir) => chownSync(dataDir, NOBODY, NOBODY)],
    [
      'the database is another user’s',
      (dataDir) => {
        chmodSync(dataDir, 0o755);
        chownSync(join(dataDir, 'queue.db'), NOBODY, NOBODY);
      },
    ],
  ])('%s: run and status say so, and neither takes it for an empty one', within(30_000), async (_, close) => {
    const { dir, dataDir, database } = await stoppedGateway();
    close(dataDir);
    const before = readFileSync(database);
    const run = await commandOf(dir, 'run');
    expect(run).toMatchObject({
      code: EXIT.configuration,
      stderr: expect.stringMatching(/may not write.*\nhint: .*chown/),
    });
    const status = await commandOf(dir, 'status');
    expect(status).toMatchObject({
      code: EXIT.usage,
      stdout: '',
      stderr: expect.stringMatching(/permission denied.*\nhint: .*sudo/),
    });
    expect(readFileSync(database).equals(before)).toBe(true);
  });
});

async function stoppedGateway(): Promise<{ dir: string; dataDir: string; database: string }> {
  const dir = tempDir();
  const dataDir = join(dir, 'data');
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  await test.close();
  mkdirSync(dataDir, { mode: 0o700 });
  cpSync(test.dataDir, dataDir, { recursive: true });
  return { dir, dataDir, database: join(dataDir, 'queue.db') };
}

function withDatabase(path: string, change: (db: Database.Database) => void): void {
  const db = new Database(path);
  change(db);
  db.close();
}

function commandOf(dir: string, command: string): Promise<CommandResult> {
  writeFileSync(join(dir, 'gateway.yaml'), 'sources: []\n');
  const [program, ...args] = asOrdinaryUser(process.execPath, join(ROOT, 'src/cli.ts'), command);
  return new Promise((resolve) => {
    execFile(program, args, { cwd: dir, env: { PATH: process.env['PATH'] } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}
