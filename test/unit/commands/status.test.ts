import { describe, expect, it } from 'vitest';
import { showStatus } from '../../../src/commands/status.ts';
import { EXIT, GatewayError } from '../../../src/model/error.ts';
import { DAY, HOUR } from '../../../src/model/time.ts';
import type { Status } from '../../../src/report/status.ts';
import { commandContext } from '../../support/command-context.ts';
import { NOW, problem, REPORT, withState } from '../../support/queue-report.ts';
import { contractViolations, STATUS_CONTRACT } from '../../support/status-contract.ts';

const badConfig = new GatewayError('sinks[0].url is missing', { hint: 'Write one.', exitCode: EXIT.configuration });
const newer = new GatewayError('the database is newer', { hint: 'Upgrade.', exitCode: EXIT.newerDatabase });

describe('gateway status', () => {
  it('prints the contract as JSON', async () => {
    const context = commandContext();
    expect(await showStatus({ json: true }, context)).toBe(0);
    expect(contractViolations(STATUS_CONTRACT, JSON.parse(context.out()))).toEqual([]);
    expect(context.closed()).toBe(1);
  });

  it('exits with 3 when no daemon runs, and prints the text all the same', async () => {
    const context = commandContext({ inspector: { daemonRunning: () => false, report: () => null } });
    expect(await showStatus({}, context)).toBe(3);
    expect(context.out()).toContain('daemon.stopped');
  });

  it('shows what a dead daemon has left', async () => {
    const context = commandContext({ inspector: { daemonRunning: () => false } });
    expect(await showStatus({ json: true }, context)).toBe(3);
    expect(JSON.parse(context.out())).toMatchObject({ daemon: { running: false }, sinks: [{ name: 'dynatrace' }] });
  });

  it('exits with 4 when a person must act', async () => {
    const context = commandContext({ inspector: { report: () => ({ ...REPORT, diskFreeBytes: 0 }) } });
    expect(await showStatus({}, context)).toBe(4);
  });

  it.each([
    ['a bad configuration', null, badConfig, 2],
    ['a bad configuration and a database that is too new', '/var/lib/gateway', newer, 5],
  ])('fails on %s with %3$s', async (_, dataDir, error, exitCode) => {
    const context = commandContext({
      inspector: {
        report: () => {
          throw newer;
        },
      },
      changes: { loadSettings: () => fail(badConfig), guessDataDir: () => dataDir },
    });
    await expect(showStatus({}, context)).rejects.toBe(error);
    expect(error.exitCode).toBe(exitCode);
  });

  it('still names the bad configuration when the database can be read', async () => {
    const context = commandContext({
      changes: {
        loadSettings: () => fail(badConfig),
        guessDataDir: () => '/var/lib/gateway',
      },
    });
    await expect(showStatus({}, context)).rejects.toBe(badConfig);
  });

  it('shows all the same what the database knows, and claims nothing of what it does not', async () => {
    const changes = { loadSettings: () => fail(badConfig), guessDataDir: () => '/srv/gateway' };
    const context = commandContext({ changes });
    await expect(showStatus({ json: true }, context)).rejects.toBe(badConfig);
    const status = JSON.parse(context.out()) as Status;
    expect(contractViolations(STATUS_CONTRACT, status)).toEqual([]);
    expect(status).toMatchObject({
      queue: { pendingValues: 120, path: REPORT.path },
      sources: [{ name: 'meter', type: 'mqtt', state: 'connected' }],
      sinks: [{ name: 'dynatrace', type: 'dynatrace', state: 'ok', ledger: REPORT.sinks[0]?.ledger }],
      health: 'failing',
      problems: [{ code: 'config.invalid', hint: expect.stringContaining('gateway check') as string }],
    });
  });

  it('is failing where the configuration is bad, whatever else cannot be judged then', async () => {
    const changes = { loadSettings: () => fail(badConfig), guessDataDir: () => '/srv/gateway' };
    const [meter] = REPORT.sources;
    if (meter === undefined) throw new Error('the report has no source');
    const report = () => ({
      ...REPORT,
      diskFreeBytes: 1024 ** 2,
      sources: [{ ...meter, lastReadingAt: NOW - 9 * DAY }],
    });
    const context = commandContext({ inspector: { report }, changes });
    await expect(showStatus({ json: true }, context)).rejects.toBe(badConfig);
    expect(JSON.parse(context.out())).toMatchObject({ health: 'failing' });
  });

  it.each([
    ['those of the gateway that ran last', ['meter', 'roof'], ['meter', 'roof'], ['config.invalid']],
    [
      'all there ever were, of a gateway that left no list',
      undefined,
      ['meter', 'attic'],
      ['config.invalid', 'source.failed'],
    ],
    [
      'all there ever were, of a gateway whose list cannot be read',
      'meter',
      ['meter', 'attic'],
      ['config.invalid', 'source.failed'],
    ],
  ])('lists without a configuration, as sources, %s', async (_, sources, listed, codes) => {
    const changes = { loadSettings: () => fail(badConfig), guessDataDir: () => '/srv/gateway' };
    const attic = { type: 'http', state: 'failed', detail: 'login refused', problems: [problem('source.failed')] };
    const state = withState({ daemon: { sources }, 'source:attic': attic });
    const counted = REPORT.sources.flatMap((source) => [source, { ...source, name: 'attic' }]);
    const context = commandContext({ inspector: { report: () => ({ ...state, sources: counted }) }, changes });
    await expect(showStatus({ json: true }, context)).rejects.toBe(badConfig);
    const status = JSON.parse(context.out()) as Status;
    expect(status.sources.map(({ name }) => name)).toEqual(listed);
    expect(status.problems.map(({ code }) => code).toSorted()).toEqual(codes);
  });

  it('lists as removed what the database knows to be removed, whatever the configuration', async () => {
    const changes = { loadSettings: () => fail(badConfig), guessDataDir: () => '/srv/gateway' };
    const [sink] = REPORT.sinks;
    if (sink === undefined) throw new Error('the report has no sink');
    const report = () => ({ ...REPORT, sinks: [sink, { ...sink, name: 'old', removed: true }] });
    const context = commandContext({ inspector: { report }, changes });
    await expect(showStatus({ json: true }, context)).rejects.toBe(badConfig);
    expect((JSON.parse(context.out()) as Status).sinks).toMatchObject([
      { name: 'dynatrace', state: 'ok' },
      { name: 'old', state: 'removed' },
    ]);
  });

  it('does not say that no sink is configured when nobody knows', async () => {
    const changes = { loadSettings: () => fail(badConfig), guessDataDir: () => '/srv/gateway' };
    const inspector = { report: () => null, daemonRunning: () => false };
    const context = commandContext({ inspector, changes });
    await expect(showStatus({}, context)).rejects.toBe(badConfig);
    expect(context.out()).toContain('there is no database at /srv/gateway/queue.db');
    expect(context.out()).not.toContain('no.sink');
    expect(context.out()).toContain('config.invalid');
    expect(context.out()).toContain('stored    0 readings, 0 B; ');
  });

  it('looks once and does not watch what a bad configuration may mean', async () => {
    const changes = { loadSettings: () => fail(badConfig), guessDataDir: () => '/srv/gateway' };
    const context = commandContext({ changes });
    await expect(showStatus({ watch: true }, context)).rejects.toBe(badConfig);
    expect(context.out()).toContain('Ledger');
    expect(context.slept).toEqual([]);
  });

  it('names the bad configuration when the database cannot be read for another reason', async () => {
    const changes = { loadSettings: () => fail(badConfig), guessDataDir: () => '/var/lib/gateway' };
    const context = commandContext({ inspector: { report: () => fail(new Error('EACCES')) }, changes });
    await expect(showStatus({}, context)).rejects.toBe(badConfig);
  });

  it('measures ages by the time the gateway believes, not by a wrong wall clock', async () => {
    const asked: number[] = [];
    const corrected = withState({ clock: { state: 'corrected', offsetMs: HOUR } });
    const report = (now: number) => {
      asked.push(now);
      return corrected;
    };
    const context = commandContext({ inspector: { report } });
    await showStatus({ json: true }, context);
    expect(asked).toEqual([NOW, NOW + HOUR]);
    expect(JSON.parse(context.out())).toMatchObject({ queue: { oldestPendingAgeSeconds: 3662 } });
  });
});

describe('gateway status --watch', () => {
  it('clears a terminal every second and ends with 0 on Ctrl-C', async () => {
    const context = commandContext({
      terminal: true,
      onSleep: () => context.slept.length === 3 && context.interrupt(),
    });
    expect(await showStatus({ watch: true }, context)).toBe(0);
    expect(context.slept).toEqual([1000, 1000, 1000]);
    expect(context.out().split('\u001B[2J')).toHaveLength(4);
    expect(context.closed()).toBe(3);
  });

  it('prints one block after the other into a pipe', async () => {
    const context = commandContext({ onSleep: () => context.slept.length === 2 && context.interrupt() });
    await showStatus({ watch: true }, context);
    expect(context.out()).not.toContain('\u001B');
    expect(context.out().match(/^energy gateway/gm)).toHaveLength(2);
  });

  it('prints one JSON document per line', async () => {
    const context = commandContext({ onSleep: () => context.slept.length === 2 && context.interrupt() });
    await showStatus({ watch: true, json: true }, context);
    const lines = context.out().trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { health: string }).health)).toEqual(['ok', 'ok']);
  });
});

function fail(error: Error): never {
  throw error;
}
