import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';
import { buildStatus } from '../../../src/report/build-status.ts';
import { silentSources } from '../../../src/report/source-status.ts';
import { NOW, REPORT, STATE, statusInput, SUMMARY, withState } from '../../support/queue-report.ts';
import { contractViolations, STATUS_CONTRACT } from '../../support/status-contract.ts';

const REPLAY = {
  id: 1,
  sink: 'dynatrace',
  from: NOW - HOUR,
  to: NOW,
  total: 9,
  asMetrics: 9,
  late: 0,
  tooOld: 0,
  done: 3,
};

describe('the status', () => {
  it.each([
    [
      'with a daemon that runs well',
      statusInput({ report: { ...REPORT, replays: [{ ...REPLAY, state: 'running' }] } }),
    ],
    ['with a dead daemon', statusInput({ daemonRunning: false })],
    ['without a database', statusInput({ daemonRunning: false, report: null })],
    ['without any sink or source', statusInput({ config: { ...SUMMARY, sources: [], sinks: [] }, report: null })],
    ['with a sink that was removed', statusInput({ config: { ...SUMMARY, sinks: [] } })],
    ['with a daemon that has said nothing yet', statusInput({ report: { ...REPORT, state: {} } })],
  ])('has exactly the keys and words of the contract %s', (_, input) => {
    const status: unknown = JSON.parse(JSON.stringify(buildStatus(input)));
    expect(contractViolations(STATUS_CONTRACT, status)).toEqual([]);
  });

  it('says what devices say of themselves while the daemon runs, and nothing of documents it cannot read', () => {
    const devices = [
      { name: 'inverter', state: 'normal', faults: ['Grid over-voltage'] },
      { name: 'charger', state: 7, faults: [] },
    ];
    const report = withState({ 'source:meter': { devices } });
    expect(buildStatus(statusInput({ report })).sources[0]?.devices).toEqual([{ ...devices[0], silence: null }]);
    expect(buildStatus(statusInput({ report, daemonRunning: false })).sources[0]?.devices).toEqual([]);
    const unreadable = withState({ 'source:meter': { devices: 'many' } });
    expect(buildStatus(statusInput({ report: unreadable })).sources[0]?.devices).toEqual([]);
  });

  it('says since when a device that told a state has not answered', () => {
    const told = { name: 'inverter', state: 'normal', faults: [] };
    const silent = { ...told, silence: { since: NOW - HOUR, reason: 'asleep' } };
    const devices = [silent, { ...told, silence: 'long' }];
    const { sources } = buildStatus(statusInput({ report: withState({ 'source:meter': { devices } }) }));
    expect(sources[0]?.devices.map(({ silence }) => silence)).toEqual([
      { since: '2026-11-20T13:00:00.000Z', reason: 'asleep' },
      null,
    ]);
  });

  it('says since when the source of a device that told a state has brought nothing', () => {
    const devices = [{ name: 'inverter', state: 'normal', faults: [], silence: null }];
    const lost = withState({ 'source:meter': { state: 'connecting', detail: 'connection refused', devices } });
    expect(buildStatus(statusInput({ report: lost })).sources[0]?.devices[0]?.silence).toEqual({
      since: '2026-11-20T13:59:56.000Z',
      reason: 'connection refused',
    });
    const sources = REPORT.sources.map((source) => ({ ...source, lastReadingAt: NOW - HOUR }));
    const silent = withState({ 'source:meter': { devices } }, { ...REPORT, sources });
    expect(buildStatus(statusInput({ report: silent })).sources[0]?.devices[0]?.silence).toEqual({
      since: '2026-11-20T13:00:00.000Z',
      reason: null,
    });
  });

  it('calls a source whose devices are all asleep neither silent nor failing', () => {
    const sources = REPORT.sources.map((source) => ({ ...source, lastReadingAt: NOW - 14 * HOUR }));
    const asleep = withState({ 'source:meter': { asleep: true } }, { ...REPORT, sources });
    expect(buildStatus(statusInput({ report: asleep }))).toMatchObject({
      health: 'ok',
      sources: [{ state: 'connected' }],
    });
    expect(silentSources(SUMMARY.sources, asleep, NOW)).toEqual(new Set());
    const awake = withState({ 'source:meter': { asleep: false } }, { ...REPORT, sources });
    expect(buildStatus(statusInput({ report: awake }))).toMatchObject({
      health: 'failing',
      sources: [{ state: 'silent' }],
    });
    expect(silentSources(SUMMARY.sources, awake, NOW)).toEqual(new Set(['meter']));
  });

  it('is ok when nothing is wrong', () => {
    const status = buildStatus(statusInput());
    expect(status.problems).toEqual([]);
    expect(status.health).toBe('ok');
    expect(status.daemon).toEqual({
      running: true,
      startedAt: '2026-11-19T12:00:00.000Z',
      lastCommitAt: '2026-11-20T13:59:59.000Z',
    });
    expect(status.queue.oldestPendingAgeSeconds).toBe(62);
  });

  it('shows the configured sinks and sources before anything was ever stored', () => {
    const status = buildStatus(statusInput({ daemonRunning: false, report: null }));
    expect(status.queue).toMatchObject({ path: SUMMARY.queuePath, budgetBytes: SUMMARY.budgetBytes, pendingValues: 0 });
    expect(status.queue.diskFreeBytes).toBeGreaterThan(0);
    expect(status.sinks[0]?.routes.map((r) => r.name)).toEqual(['metrics', 'late']);
    expect(status.sinks[0]?.state).toBe('idle');
    expect(status.sources).toMatchObject([{ name: 'meter', readings: 0, lastReadingAt: null }]);
  });

  it('lists a sink that is no longer configured as removed, with its ledger', () => {
    const status = buildStatus(statusInput({ config: { ...SUMMARY, sinks: [] } }));
    expect(status.sinks).toMatchObject([{ name: 'dynatrace', state: 'removed', ledger: { accepted: 99_900 } }]);
  });

  it('calls a source silent only when it is connected and brought nothing for longer than silentAfter', () => {
    expect(stateAfter(NOW - 5 * MINUTE)).toBe('connected');
    expect(stateAfter(NOW - 5 * MINUTE - 1)).toBe('silent');
    expect(stateAfter(null)).toBe('silent');
  });

  it('gives a source as long after a start as after a reading', () => {
    const started = withState(
      { daemon: { startedAt: NOW - MINUTE } },
      { ...REPORT, sources: REPORT.sources.map((s) => ({ ...s, lastReadingAt: NOW - 48 * HOUR })) },
    );
    expect(buildStatus(statusInput({ report: started })).sources[0]?.state).toBe('connected');
  });

  it('does not let a reading counted under a clock that was ahead hide the silence after it', () => {
    expect(stateAfter(NOW + 48 * HOUR)).toBe('silent');
  });

  it('does not repeat what a dead daemon said of its connections and clock', () => {
    const status = buildStatus(statusInput({ daemonRunning: false }));
    expect(status.sources[0]?.state).not.toBe('connected');
    expect(status.clock.state).toBe('unconfirmed');
    expect(status.daemon.startedAt).toBeNull();
    expect(status.daemon.lastCommitAt).not.toBeNull();
  });

  it('lets the preferred route speak for the sink, and the newest error of all routes', () => {
    const error = { at: NOW - MINUTE, status: 403, message: 'missing scope' };
    const late = withState({ 'sink:dynatrace:late': { state: 'blocked', lastError: error } });
    expect(buildStatus(statusInput({ report: late })).sinks[0]).toMatchObject({
      state: 'ok',
      lastError: { at: '2026-11-20T13:59:00.000Z', status: 403, message: 'missing scope' },
    });
    const metrics = withState(
      { 'sink:dynatrace:metrics': { state: 'blocked', lastError: { ...error, at: NOW, status: 401 } } },
      late,
    );
    expect(buildStatus(statusInput({ report: metrics })).sinks[0]).toMatchObject({
      state: 'blocked',
      lastError: { status: 401 },
    });
  });

  it('names the next attempt, never one in the past', () => {
    expect(attempt(NOW + 12 * SECOND)).toBe('2026-11-20T14:00:12.000Z');
    expect(attempt(NOW - 12 * SECOND)).toBe('2026-11-20T14:00:00.000Z');
  });

  it('treats a document of another version that it cannot read as absent', () => {
    const broken = {
      ...STATE,
      clock: { state: 'relativistic', offsetMs: 'far' },
      'sink:dynatrace:metrics': 7,
      daemon: null,
    };
    const status = buildStatus(statusInput({ report: { ...REPORT, state: broken } }));
    expect(status.clock.state).toBe('unconfirmed');
    expect(status.sinks[0]?.routes[0]?.state).toBe('idle');
    expect(status.daemon.startedAt).toBeNull();
  });
});

function stateAfter(lastReadingAt: number | null) {
  const sources = REPORT.sources.map((source) => ({ ...source, lastReadingAt }));
  return buildStatus(statusInput({ report: { ...REPORT, sources } })).sources[0]?.state;
}

function attempt(nextAttemptAt: number) {
  const report = withState({ 'sink:dynatrace:metrics': { state: 'retrying', nextAttemptAt } });
  return buildStatus(statusInput({ report })).sinks[0]?.nextAttemptAt;
}
