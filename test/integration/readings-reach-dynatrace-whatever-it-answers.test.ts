/**
 * The main job with real parts: a publisher, Debian's Mosquitto, the gateway as a process configured by the old script's
 * variables, and the strict stand-in over HTTP. Ten minutes of readings come in while the sink misbehaves; once it
 * recovers every value is there, once, at its own time.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AMIS_KEYS, amisPayload } from '../support/amis.ts';
import { type Fault, seriesOf, startDynatrace, type StandIn, storedValues, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { startBroker } from '../support/broker-for-tests.ts';
import { tempDir } from '../support/temp-dir.ts';

const READINGS = 120;
const INTERVAL_MS = 5_000;
const MINUTE_MS = 60_000;

const OUTAGES: readonly {
  readonly name: string;
  readonly begin: (d: StandIn) => Promise<void> | void;
  readonly recoverMs: number;
}[] = [
  { name: '503', begin: fault({ kind: 'status', status: 503 }), recoverMs: 30_000 },
  { name: 'a refused connection', begin: (d) => d.offline(), recoverMs: 10_000 },
  { name: 'a server that hangs', begin: fault({ kind: 'hang' }), recoverMs: 40_000 },
  { name: 'a page with status 200', begin: fault({ kind: 'status', status: 200, body: 'html' }), recoverMs: 30_000 },
  {
    name: 'a redirect',
    begin: fault({ kind: 'status', status: 302, location: 'http://portal.example/login' }),
    recoverMs: 30_000,
  },
  { name: '401', begin: fault({ kind: 'status', status: 401 }), recoverMs: 10_000 },
  { name: '403', begin: fault({ kind: 'status', status: 403 }), recoverMs: 10_000 },
  { name: '413', begin: fault({ kind: 'status', status: 413 }), recoverMs: 30_000 },
  { name: '429 with Retry-After', begin: fault({ kind: 'status', status: 429, retryAfter: 3 }), recoverMs: 20_000 },
];

describe('after ten minutes of readings that Dynatrace would not take', () => {
  it.for(OUTAGES)(
    '$name: every value is delivered once, at its own time, and the ledger balances',
    { timeout: 120_000 },
    async (outage) => {
      const dynatrace = await startDynatrace();
      const { gateway, publish, touchToken } = await installation(dynatrace);
      try {
        await outage.begin(dynatrace);
        const first = await publishTenMinutes(publish);
        await expect.poll(async () => (await gateway.status()).intake.used, { timeout: 20_000 }).toBe(READINGS);
        // The sink is seen failing before it is healed, so that the test cannot pass by being too late.
        await expect.poll(async () => (await gateway.status()).sinks[0]?.lastError, { timeout: 30_000 }).not.toBeNull();
        const during = await gateway.status();
        expect(during.sinks[0]?.ledger).toMatchObject({
          accepted: READINGS * 10,
          delivered: 0,
          pending: READINGS * 10,
          expired: 0,
        });
        expect(unbalanced(during)).toEqual([]);

        dynatrace.heal();
        await dynatrace.online().catch(() => undefined);
        touchToken();
        await expect
          .poll(async () => (await gateway.status()).queue.pendingValues, { timeout: outage.recoverMs, interval: 500 })
          .toBe(0);
        expectEveryValueOnce(dynatrace, first);
        const after = await gateway.status();
        expect(after.sinks[0]?.ledger).toMatchObject({
          accepted: READINGS * 10,
          delivered: READINGS * 10,
          deadLettered: 0,
          evicted: 0,
        });
        expect(unbalanced(after)).toEqual([]);
      } finally {
        await gateway.stop();
        await dynatrace.stop();
      }
    },
  );

  it(
    'a reset after the values were stored: they are sent again with the same times, and minimum, maximum and average are unchanged',
    { timeout: 60_000 },
    async () => {
      const dynatrace = await startDynatrace();
      const { gateway, publish } = await installation(dynatrace);
      try {
        dynatrace.fault({ kind: 'reset', when: 'after-storing', route: 'metrics', times: 2 });
        const first = await publishTenMinutes(publish);
        await expect
          .poll(async () => (await gateway.status()).sinks[0]?.ledger.delivered, { timeout: 30_000 })
          .toBe(READINGS * 10);
        for (const { slots } of seriesOf(dynatrace, 'smartmeter.power.active.import')) {
          for (const slot of slots) {
            const n = Math.round((slot.at - first) / INTERVAL_MS);
            expect(slot.min).toBeCloseTo((501 + n) / 1000, 9);
            expect(slot.max).toBeCloseTo((501 + n + 11) / 1000, 9);
            expect(slot.sum / slot.count).toBeCloseTo((501 + n + 5.5) / 1000, 9);
          }
        }
        expect(unbalanced(await gateway.status())).toEqual([]);
      } finally {
        await gateway.stop();
        await dynatrace.stop();
      }
    },
  );

  it(
    "a partial 400: the refused lines are dead letters with the server's text, the rest is stored and nothing is sent twice",
    { timeout: 60_000 },
    async () => {
      const dynatrace = await startDynatrace();
      dynatrace.fault({ kind: 'refuse-lines', key: 'smartmeter.inkasso', text: 'metric is on the deny list' });
      const { gateway, publish } = await installation(dynatrace);
      try {
        await publishTenMinutes(publish);
        await expect
          .poll(
            async () => {
              const { intake, queue } = await gateway.status();
              return { used: intake.used, pending: queue.pendingValues };
            },
            { timeout: 40_000, interval: 500 },
          )
          .toEqual({ used: READINGS, pending: 0 });
        const status = await gateway.status();
        expect(status.sinks[0]?.ledger).toMatchObject({ delivered: READINGS * 9, deadLettered: READINGS, pending: 0 });
        expect(unbalanced(status)).toEqual([]);
        const slots = dynatrace
          .series()
          .filter((s) => s.key.startsWith('smartmeter.'))
          .flatMap((s) => s.slots);
        expect(slots.every((slot) => slot.lines === 1)).toBe(true);
        const list = await gateway.command('dead-letters', 'list', '--json');
        expect(list.stdout).toContain('metric is on the deny list');
        expect(status.problems.map((problem) => problem.code)).toContain('sink.refused');
        expect((await gateway.command('dead-letters', 'purge', '--yes')).code).toBe(0);
        expect((await gateway.status()).problems.map((problem) => problem.code)).not.toContain('sink.refused');
      } finally {
        await gateway.stop();
        await dynatrace.stop();
      }
    },
  );
});

function fault(what: Fault): (dynatrace: StandIn) => void {
  return (dynatrace) => dynatrace.fault(what);
}

/** Mosquitto and a gateway that is configured as the old script was. */
async function installation(dynatrace: StandIn) {
  const broker = await startBroker();
  const dir = tempDir();
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  const gateway = new GatewayProcess({
    dir,
    env: {
      DYNATRACE_URL: dynatrace.url,
      API_TOKEN_FILE: tokenFile,
      MQTT_BROKER: '127.0.0.1',
      MQTT_PORT: String(broker.port),
      MQTT_CLIENT_ID: 'dynatrace-amis-ingest-worker',
      MQTT_TOPIC: 'amis/data',
    },
  });
  await gateway.startConnected();
  const touchToken = (): void => writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  return { gateway, publish: broker.publish, touchToken };
}

/** Ten whole minutes of readings with the meter's own time, the last of them closed; the first instant. */
async function publishTenMinutes(publish: (topic: string, payload: string) => Promise<void>): Promise<number> {
  const first = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 11 * MINUTE_MS;
  for (let n = 0; n < READINGS; n++) await publish('amis/data', amisPayload(n, first + n * INTERVAL_MS));
  return first;
}

function expectEveryValueOnce(dynatrace: StandIn, first: number): void {
  for (const key of AMIS_KEYS) {
    const [series, ...others] = seriesOf(dynatrace, key);
    expect(others, key).toEqual([]);
    expect(series?.slots.length, key).toBe(10);
    for (const slot of series?.slots ?? []) {
      expect(slot.count, `${key} at ${slot.at}`).toBe(12);
      expect(slot.lines, `${key} at ${slot.at}`).toBe(1);
      // The folded line carries the time of its newest value.
      expect(slot.arrivals[0]?.at).toBe(slot.at + 11 * INTERVAL_MS);
    }
  }
  const imported = seriesOf(dynatrace, 'smartmeter.energy.active.import.total')[0]?.slots ?? [];
  for (const slot of imported) {
    const n = Math.round((slot.at - first) / INTERVAL_MS);
    expect(slot.min).toBeCloseTo((52_680_160 + n) / 1000, 6);
    expect(slot.max).toBeCloseTo((52_680_160 + n + 11) / 1000, 6);
  }
  expect(storedValues(dynatrace, (s) => s.key.startsWith('smartmeter.'))).toBe(READINGS * 10);
  const metrics = dynatrace.requests.filter((r) => r.route === 'metrics' && r.lines > 20);
  expect(metrics.every((r) => r.encoding === 'gzip')).toBe(true);
}
