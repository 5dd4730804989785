import { describe, expect, it } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../../../src/model/problem.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';
import type { QueueReport } from '../../../src/queue/queue.ts';
import { buildStatus } from '../../../src/report/build-status.ts';
import type { StatusInput } from '../../../src/report/status-input.ts';
import { NOW, problem, REPORT, statusInput, SUMMARY, withPending, withState } from '../../support/queue-report.ts';

const refused = { at: NOW - MINUTE, status: 401, message: 'Token is invalid' };
const quiet = { ...REPORT, sources: REPORT.sources.map((s) => ({ ...s, lastReadingAt: NOW - HOUR })) };
const salvaged = {
  at: NOW - HOUR,
  movedTo: '/var/lib/gateway/queue.db.damaged',
  readingsRecovered: 12,
  readingsLost: 3,
  done: true,
};

/** For every code, a situation in which it alone is raised. */
const SITUATIONS: Readonly<Record<ProblemCode, Partial<StatusInput>>> = {
  'config.invalid': { config: { ...SUMMARY, warnings: [problem('config.invalid')] } },
  'no.sink': { config: { ...SUMMARY, sinks: [] } },
  'sink.retrying': { report: route('metrics', { state: 'retrying', lastError: refused }) },
  'sink.refused': { report: { ...REPORT, sinks: REPORT.sinks.map((sink) => ({ ...sink, deadValues: 3 })) } },
  'sink.address': { config: { ...SUMMARY, warnings: [problem('sink.address')] } },
  'sink.blocked': { report: route('metrics', { state: 'blocked', lastError: refused }) },
  'late.blocked': { report: route('late', { state: 'blocked', lastError: refused }, withPending('late', 30)) },
  'clock.unconfirmed': { report: withState({ clock: { state: 'unconfirmed' } }) },
  'database.salvaged': { report: { ...REPORT, salvaged } },
  'tls.unverified': { config: { ...SUMMARY, warnings: [problem('tls.unverified')] } },
  'source.silent': { report: quiet },
  'source.failed': { report: withState({ 'source:meter': { state: 'failed', detail: 'bad password' } }) },
  'disk.low': { report: { ...REPORT, diskFreeBytes: SUMMARY.minFreeDiskBytes - 1 } },
  'disk.failing': { report: { ...REPORT, storage: { at: NOW - MINUTE, kind: 'failing', message: 'disk I/O error' } } },
  'queue.evicting': { report: { ...REPORT, lastEvictionAt: NOW - MINUTE } },
  'daemon.stuck': { report: withState({ daemon: { beatAt: NOW - 3 * MINUTE - 1 } }) },
  'daemon.stopped': { daemonRunning: false },
  'source.qos0': { report: withState({ 'source:meter': { problems: [problem('source.qos0')] } }) },
  'source.clock': { report: withState({ 'source:meter': { problems: [problem('source.clock')] } }) },
  'source.marker': { report: withState({ 'source:meter': { problems: [problem('source.marker')] } }) },
  'source.speed': { config: { ...SUMMARY, warnings: [problem('source.speed')] } },
  'secret.readable': { report: withState({ daemon: { problems: [problem('secret.readable')] } }) },
  'site.gap': { config: { ...SUMMARY, warnings: [problem('site.gap')] } },
  'site.sign': { report: withState({ daemon: { problems: [problem('site.sign')] } }) },
  'safe.mode': { report: withState({ daemon: { problems: [problem('safe.mode')] } }) },
};

describe('problems', () => {
  it.each(Object.entries(SITUATIONS))('%s is found alone, with a message and what to do', (code, changes) => {
    const { problems, health } = buildStatus(statusInput(changes));
    expect(problems.map((p) => p.code)).toEqual([code]);
    expect(problems[0]?.message).toMatch(/\w{3,}.*\.$/);
    expect(problems[0]?.hint).toMatch(/\w{2,}.*\.$/);
    expect(health).toBe(PROBLEMS[code as ProblemCode]);
  });

  it('puts what needs a person first', () => {
    const report = { ...route('metrics', { state: 'retrying' }, quiet), salvaged };
    expect(buildStatus(statusInput({ report })).problems.map((p) => p.code)).toEqual([
      'source.silent',
      'database.salvaged',
      'sink.retrying',
    ]);
  });

  it('takes the hint of the sink where it has one', () => {
    const report = route('metrics', {
      state: 'blocked',
      lastError: refused,
      hint: 'Put the new token into API_TOKEN.',
    });
    expect(found(report)).toMatchObject([{ code: 'sink.blocked', hint: 'Put the new token into API_TOKEN.' }]);
  });

  it('says what the sink answered and how much waits', () => {
    const [blocked] = found(route('metrics', { state: 'blocked', lastError: refused }));
    expect(blocked?.message).toContain('401 Token is invalid');
    expect(blocked?.message).toContain('120 values');
  });

  it('says when the next attempt is', () => {
    const report = route('metrics', { state: 'retrying', nextAttemptAt: NOW + 12 * SECOND, lastError: null });
    expect(found(report)[0]?.message).toContain('in 12 s');
  });

  it('raises late.blocked only while values wait for the late route', () => {
    expect(found(route('late', { state: 'blocked', lastError: refused }))).toEqual([]);
  });

  it('says of a full disk that it is full, once, and what does not happen meanwhile', () => {
    const storage = { at: NOW - 5 * MINUTE, kind: 'full', message: 'database or disk is full' } as const;
    const [full, ...others] = found({ ...REPORT, storage, diskFreeBytes: 0 });
    expect(full).toMatchObject({ code: 'disk.low', message: expect.stringMatching(/for 5 min.*None is acknowledged/) });
    expect(others).toEqual([]);
  });

  it('leaves what the daemon said of its writing to the note beside the database, which knows better', () => {
    const storage = { at: NOW - 5 * MINUTE, kind: 'full', message: 'database or disk is full' } as const;
    const failing = { code: 'disk.failing', message: 'Readings cannot be stored.', hint: 'Look.' } as const;
    const report = withState({ daemon: { beatAt: NOW, problems: [failing] } });
    expect(found(report)).toEqual([failing]);
    expect(found({ ...report, storage }).map(({ code }) => code)).toEqual(['disk.low']);
  });

  it('does not tell a gateway that waits for its disk to be started', () => {
    const storage = { at: null, kind: 'failing', message: 'the file system is read-only' } as const;
    const { problems } = buildStatus(statusInput({ daemonRunning: false, report: { ...REPORT, storage } }));
    expect(problems.map(({ code }) => code)).toEqual(['daemon.stopped', 'disk.failing']);
    expect(problems[0]?.hint).toContain('disk comes first');
  });

  it('forgets an eviction after an hour and a finished salvage after a week', () => {
    expect(found({ ...REPORT, lastEvictionAt: NOW - HOUR })).toEqual([]);
    expect(found({ ...REPORT, salvaged: { ...salvaged, at: NOW - 7 * DAY } })).toEqual([]);
    expect(found({ ...REPORT, salvaged: { ...salvaged, at: NOW - 7 * DAY, done: false } })).toHaveLength(1);
  });

  it('does not call a daemon stuck whose beat is up to three minutes old', () => {
    expect(found(withState({ daemon: { beatAt: NOW - 3 * MINUTE } }))).toEqual([]);
  });

  it('keeps what a dead daemon learnt of a sink, and drops what heals or needs it alive', () => {
    const report = route(
      'metrics',
      { state: 'blocked', lastError: refused },
      withState({ daemon: { beatAt: NOW - DAY } }, quiet),
    );
    const status = buildStatus(statusInput({ report, daemonRunning: false }));
    expect(status.problems.map((p) => p.code)).toEqual(['daemon.stopped', 'sink.blocked']);
    const retrying = route('metrics', { state: 'retrying', lastError: refused });
    expect(buildStatus(statusInput({ report: retrying, daemonRunning: false })).problems).toHaveLength(1);
  });

  it('tells a source that is not connected from one whose messages cannot be used and one that says nothing', () => {
    const disconnected = withState({ 'source:meter': { state: 'connecting', detail: 'connection refused' } }, quiet);
    expect(found(disconnected)[0]).toMatchObject({
      code: 'source.silent',
      message: expect.stringContaining('refused'),
    });
    const lastRefusal = { at: NOW - SECOND, topic: 'smartmeter/data', reason: 'no known field' };
    const unusable = { ...quiet, sources: quiet.sources.map((s) => ({ ...s, lastRefusal })) };
    expect(found(unusable)[0]?.message).toContain('smartmeter/data: no known field');
    expect(found(quiet)[0]?.message).toContain('for 1 h');
  });

  it('blames messages that cannot be used only while they still come', () => {
    expect(refusedAt(NOW - 4 * MINUTE)).toContain('cannot be used');
    expect(refusedAt(NOW - 50 * MINUTE)).toContain('is connected but has brought no reading for 1 h');
    expect(refusedAt(NOW + DAY)).toContain('is connected but has brought no reading for 1 h');
  });

  it.each([
    ['mqtt', /publishes on the topics/],
    ['modbus', /gateway modbus scan/],
    ['http', /gateway check --online/],
  ])('says of a source of type %s that brings nothing what to look at there', (type, hint) => {
    const config = { ...SUMMARY, sources: SUMMARY.sources.map((source) => ({ ...source, type })) };
    const [silent] = buildStatus(statusInput({ config, report: quiet })).problems;
    expect(silent).toMatchObject({ code: 'source.silent', hint: expect.stringMatching(hint) });
  });

  it("does not say twice what the source's own problems say", () => {
    const own = problem('source.failed');
    const report = withState({ 'source:meter': { state: 'failed', detail: 'port taken', problems: [own, own] } });
    expect(found(report)).toEqual([own]);
  });

  it('warns of the configuration with and without a daemon, and once when the daemon does too', () => {
    const warning = problem('secret.readable');
    const config = { ...SUMMARY, warnings: [{ ...warning, source: null }] };
    const report = withState({ daemon: { problems: [warning] } });
    expect(buildStatus(statusInput({ config, report })).problems).toEqual([warning]);
    expect(buildStatus(statusInput({ config, daemonRunning: false })).problems).toHaveLength(2);
  });

  it('leaves out codes of another version, which have no severity here', () => {
    const future = [{ code: 'moon.full', message: 'The moon is full.', hint: 'Wait.' }, 7, null];
    expect(found(withState({ daemon: { problems: future } }))).toEqual([]);
  });
});

function found(report: QueueReport) {
  return buildStatus(statusInput({ report })).problems;
}

/** What is said of a silent source whose last unusable message came then. */
function refusedAt(at: number): string | undefined {
  const lastRefusal = { at, topic: 'smartmeter/data', reason: 'no known field' };
  return found({ ...quiet, sources: quiet.sources.map((s) => ({ ...s, lastRefusal })) })[0]?.message;
}

function route(name: string, state: object, report: QueueReport = REPORT): QueueReport {
  return withState({ [`sink:dynatrace:${name}`]: state }, report);
}
