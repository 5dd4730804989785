import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';
import { buildStatus } from '../../../src/report/build-status.ts';
import { PLAIN, type Palette } from '../../../src/report/palette.ts';
import type { StatusInput } from '../../../src/report/status-input.ts';
import { statusText } from '../../../src/report/text.ts';
import { NOW, REPORT, statusInput, SUMMARY, withPending, withState } from '../../support/queue-report.ts';

process.env['TZ'] = 'UTC';

const outage = {
  state: 'retrying',
  nextAttemptAt: NOW + 12 * SECOND,
  lastError: { at: NOW - 2 * SECOND, status: null, message: 'connect ETIMEDOUT 203.0.113.7:443' },
};
const token = {
  state: 'blocked',
  nextAttemptAt: NOW + 4 * MINUTE,
  lastError: { at: NOW - MINUTE, status: 401, message: 'Token is invalid or expired' },
  hint: 'Create a token with the scopes metrics.ingest and bizevents.ingest and put it into API_TOKEN.',
};
const backlog = {
  ...withPending('late', 30_000, withPending('metrics', 1_200)),
  pendingReadings: 3_120,
  pendingValues: 31_200,
  oldestPendingAt: NOW - 7 * HOUR - 12 * MINUTE,
  sinks: REPORT.sinks.map((sink) => ({
    ...sink,
    routes: [
      { name: 'metrics', pendingValues: 1_200 },
      { name: 'late', pendingValues: 30_000 },
    ],
    ledger: { ...sink.ledger, accepted: 130_980, pending: 31_200 },
    expiringWithinMinutes: { 10: 0, 60: 1_440 },
  })),
  replays: [
    {
      id: 3,
      sink: 'dynatrace',
      from: NOW - 5 * HOUR,
      to: NOW - 3 * HOUR,
      total: 72_000,
      asMetrics: 0,
      late: 72_000,
      tooOld: 0,
      done: 36_000,
      state: 'running' as const,
    },
  ],
};
const quiet = {
  ...backlog,
  sources: REPORT.sources.map((s) => ({
    ...s,
    lastReadingAt: NOW - 20 * MINUTE,
    lastRefusal: { at: NOW - MINUTE, topic: 'smartmeter/data', reason: 'no known field' },
  })),
};

const STATES: Readonly<Record<string, Partial<StatusInput>>> = {
  'never-started': { daemonRunning: false, report: null },
  alive: {},
  dead: { daemonRunning: false },
  outage: { report: withState({ 'sink:dynatrace:metrics': outage }, backlog) },
  failing: { report: withState({ 'sink:dynatrace:metrics': token }, quiet) },
  devices: {
    report: withState({
      'source:meter': {
        devices: [
          { name: 'inverter', state: 'recoverable fault', faults: ['Grid over-voltage, Relay fault'] },
          { name: 'garage', state: 'normal', faults: [] },
          {
            name: 'roof',
            state: 'grid connected',
            faults: ['Fan stuck'],
            silence: { since: NOW - 12 * MINUTE, reason: 'serial:/dev/ttyUSB0: unplugged' },
          },
          { name: 'barn', state: 'standby', faults: [], silence: { since: null, reason: 'asleep' } },
        ],
      },
    }),
  },
  'sink-removed': { config: { ...SUMMARY, sinks: [] } },
  'unbalanced-ledger': {
    report: {
      ...REPORT,
      sinks: REPORT.sinks.map((s) => ({ ...s, ledger: { ...s.ledger, accepted: s.ledger.accepted + 3 } })),
    },
  },
};

describe('the text of a status', () => {
  it.each(Object.entries(STATES))('of a gateway that is %s reads as in the golden file', async (name, changes) => {
    await expect(text(changes, 120)).toMatchFileSnapshot(`./golden/status-${name}.txt`);
  });

  it('says the status of an answer once, also where its text begins with it', () => {
    const lastError = { at: NOW - 2 * SECOND, status: 503, message: 'HTTP 503: busy' };
    const busy = text({ report: withState({ 'sink:dynatrace:metrics': { ...outage, lastError } }) }, 200);
    expect(busy).toContain('2 s ago: HTTP 503: busy');
    expect(busy).not.toContain('503 HTTP 503');
  });

  it('fits the terminal, down to 80 columns', async () => {
    const narrow = text(STATES['failing'] ?? {}, 80);
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    await expect(narrow).toMatchFileSnapshot('./golden/status-80-columns.txt');
  });

  it('marks only with colour: without the escapes it is the plain text', () => {
    const palette: Palette = { bold: colour(1), dim: colour(2), good: colour(32), warn: colour(33), bad: colour(31) };
    const changes = STATES['failing'] ?? {};
    const painted = text(changes, 120, palette);
    expect(painted).toContain('\u001B[31m');
    // oxlint-disable-next-line no-control-regex
    expect(painted.replaceAll(/\u001B\[\d+m/g, '')).toBe(text(changes, 120));
  });

  it('is not cut when nothing limits its width', () => {
    expect(text(STATES['failing'] ?? {}, Infinity)).not.toContain('…');
  });
});

function text(changes: Partial<StatusInput>, width: number, palette = PLAIN): string {
  return statusText(buildStatus(statusInput(changes)), { palette, width, now: NOW });
}

function colour(code: number): (part: string) => string {
  return (part) => `\u001B[${code}m${part}\u001B[0m`;
}
