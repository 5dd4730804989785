import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../src/model/outcome.ts';
import type { LateReading } from '../../../../src/model/sample.ts';
import { QUANTITIES } from '../../../../src/model/quantity.ts';
import { Secret } from '../../../../src/platform/secret.ts';
import type { DynatraceSink } from '../../../../src/sinks/dynatrace/dynatrace-sink.ts';
import { metadataLine } from '../../../../src/sinks/dynatrace/metadata.ts';
import type { ReadingRoute, SampleRoute } from '../../../../src/sinks/sink.ts';
import { seriesOf, StandIn, startDynatrace, TOKEN } from '../../../support/dynatrace.ts';
import { itemTexts } from '../../../support/item-texts.ts';
import { aSample, aSignal, dynatraceSink, sendSamples } from '../../../support/dynatrace-sink.ts';

const HOUR = 3_600_000;
const HEALTH = { key: 'gateway.queue.pending', value: 7, dimensions: {} };
let dynatrace: StandIn;
let sink: DynatraceSink;

beforeEach(async () => {
  dynatrace = await startDynatrace({ rules: { errorsListed: 10 } });
  sink = dynatraceSink(dynatrace.url, { dimensions: { Site: 'home' } });
});

afterEach(async () => {
  await sink.close();
  await dynatrace.stop();
});

function metrics(of = sink): SampleRoute {
  const route = of.routes.find((r) => r.takes === 'samples');
  if (route?.takes !== 'samples') throw new Error('no route for samples');
  return route;
}

function late(of = sink): ReadingRoute {
  const route = of.routes.find((r) => r.takes === 'readings');
  if (route?.takes !== 'readings') throw new Error('no route for readings');
  return route;
}

function reading(id: number, changes: Partial<LateReading> = {}): LateReading {
  const values = new Map([
    ['power.active.import', 501],
    ['energy.inkasso', -20],
  ]);
  return { id, origin: { device: 'meter', serial: null, source: 's' }, at: Date.now() - 3 * HOUR, values, ...changes };
}

const encoded = (of: LateReading): string => late().encode(of) ?? 'null';
const event = (of: LateReading): Record<string, unknown> => JSON.parse(encoded(of)) as Record<string, unknown>;

describe('the metrics route', () => {
  it('delivers a folded minute with device, dimensions and source', async () => {
    const at = Date.now();
    const folded = { ...aSample('grid', 501, at), min: 500, max: 503, sum: 1_504, count: 3 };
    expect(await sendSamples(sink, [folded])).toMatchObject({ kind: 'accepted', status: 202 });
    const [series] = seriesOf(dynatrace, 'smartmeter.power.active.import');
    expect(series?.dimensions).toEqual({ device: 'grid', site: 'home', 'dt.metrics.source': 'energy-gateway' });
    expect(series?.slots[0]).toMatchObject({ min: 0.5, max: 0.503, sum: 1.504, count: 3 });
    expect(series?.slots[0]?.arrivals[0]?.at).toBe(at);
  });

  it('has the refused lines named by their position, with the text of the server', async () => {
    dynatrace.fault({ kind: 'refuse-lines', device: 'bad', text: 'no good' });
    const outcome = await sendSamples(sink, [aSample('a'), aSample('bad'), aSample('c')]);
    expect(outcome).toMatchObject({ kind: 'partial', refused: [{ index: 1, message: 'no good' }], unlisted: 0 });
    expect(seriesOf(dynatrace, 'smartmeter.power.active.import')).toHaveLength(2);
  });

  it('counts what a capped list leaves out', async () => {
    dynatrace.fault({ kind: 'refuse-lines', key: 'smartmeter.power.active.import' });
    const outcome = await sendSamples(
      sink,
      Array.from({ length: 25 }, (_, i) => aSample(`m${i}`)),
    );
    expect(outcome).toMatchObject({ kind: 'partial', unlisted: 15 });
    expect(outcome.kind === 'partial' && outcome.refused).toHaveLength(10);
  });

  it('sends name and unit of a key once, behind the values, also after a failure', async () => {
    dynatrace.fault({ kind: 'status', status: 503, times: 1 });
    expect(await sendSamples(sink, [aSample()])).toMatchObject({ kind: 'retry' });
    for (let i = 0; i < 3; i++) await sendSamples(sink, [aSample()]);
    const bodies = dynatrace.requests.map((request) => request.body?.split('\n') ?? []);
    expect(bodies.map((lines) => lines.length)).toEqual([2, 2, 1, 1]);
    expect(bodies[1]?.[1]).toBe(
      '#smartmeter.power.active.import gauge dt.meta.displayName="Power drawn from the grid",dt.meta.unit="kW"',
    );
    expect(dynatrace.metadata()).toHaveLength(1);
  });

  it('has metadata for every quantity that the strict server takes', async () => {
    await sendSamples(
      sink,
      QUANTITIES.map((quantity) => ({ ...aSample(), quantity: quantity.name })),
    );
    expect(dynatrace.requests[0]).toMatchObject({ invalid: 0, lines: 2 * QUANTITIES.length });
    expect(dynatrace.metadata()).toHaveLength(QUANTITIES.length);
    const degrees = { ...QUANTITIES[0], displayName: 'T "x"', metricKey: 'a.b', metricUnit: '°C' };
    expect(metadataLine(degrees as (typeof QUANTITIES)[0])).toBe(String.raw`#a.b gauge dt.meta.displayName="T \"x\""`);
  });

  it('lets health ride along only where there is room, and speaks only of the items', async () => {
    dynatrace.fault({ kind: 'refuse-lines', key: 'gateway.queue.pending' });
    const route = metrics();
    const lines = Array.from({ length: 1_000 }, (_, i) => route.encode(aSample(`m${i}`)) ?? '');
    expect(await route.send(itemTexts(lines.slice(0, 3)), { signal: aSignal(), health: [HEALTH] })).toMatchObject({
      kind: 'accepted',
    });
    expect(await route.send(itemTexts(lines), { signal: aSignal(), health: [HEALTH] })).toMatchObject({
      kind: 'accepted',
    });
    expect(await route.send(itemTexts([]), { signal: aSignal(), health: [HEALTH] })).toMatchObject({
      kind: 'accepted',
    });
    expect(dynatrace.requests.map((request) => request.lines)).toEqual([5, 1_000, 1]);
    expect(dynatrace.requests[1]?.body?.length).toBeLessThanOrEqual(route.maxBytes);
  });

  it('remembers that a server takes no gzip once identity has cured it', async () => {
    dynatrace.fault({ kind: 'rules', rules: { gzip: false } });
    const route = metrics();
    const lines = Array.from({ length: 50 }, (_, i) => route.encode(aSample(`m${i}`)) ?? '');
    const send = (identity: boolean): Promise<Outcome> => route.send(itemTexts(lines), { signal: aSignal(), identity });
    expect(await send(false)).toMatchObject({ kind: 'refused', tryIdentity: true });
    expect(await send(true)).toMatchObject({ kind: 'accepted' });
    expect(await send(false)).toMatchObject({ kind: 'accepted' });
    expect(dynatrace.requests.map((request) => request.encoding)).toEqual(['gzip', 'identity', 'identity']);
  });

  it('gives the time of the server with every answer', async () => {
    dynatrace.fault({ kind: 'skew', ms: -2 * HOUR });
    const begin = Math.floor(Date.now() / 1000) * 1000;
    for (const status of [null, 503, 401]) {
      if (status !== null) dynatrace.fault({ kind: 'status', status });
      const { serverDate = 0 } = await sendSamples(sink, [aSample()]);
      expect(serverDate + 2 * HOUR).toBeGreaterThanOrEqual(begin + 500);
      expect(serverDate + 2 * HOUR).toBeLessThanOrEqual(Date.now() + 500);
    }
  });
});

describe('the late route', () => {
  it('sends one event per reading, at its own time, under the metric keys', async () => {
    const given = reading(41);
    expect(event(given)).toEqual({
      timestamp: new Date(given.at).toISOString(),
      'event.id': 'db-41',
      'event.type': 'energy.gateway.reading',
      'event.provider': 'energy-gateway',
      device: 'meter',
      site: 'home',
      'smartmeter.power.active.import': 0.501,
      'smartmeter.inkasso': -20,
    });
    expect(
      await late().send(itemTexts([encoded(given), encoded(reading(42))], ','), {
        signal: aSignal(),
        health: [HEALTH],
      }),
    ).toMatchObject({
      kind: 'accepted',
    });
    expect(dynatrace.events().map((stored) => [stored.timestamp, stored.fields['event.id']])).toEqual([
      [given.at, 'db-41'],
      [expect.any(Number), 'db-42'],
    ]);
  });

  it('has refused events named by their position', async () => {
    dynatrace.fault({ kind: 'refuse-lines', route: 'bizevents', device: 'bad', text: 'no good' });
    const bad = reading(2, { origin: { device: 'bad', serial: null, source: 's' } });
    expect(await late().send(itemTexts([encoded(reading(1)), encoded(bad)], ','), { signal: aSignal() })).toMatchObject(
      {
        kind: 'partial',
        refused: [{ index: 1, message: 'no good' }],
        unlisted: 0,
      },
    );
  });

  it('lets no name replace what identifies the event, and loses no value it has no metric for', () => {
    const values = new Map([
      ['timestamp', 1],
      ['device', 2],
      ['event.id', 3],
      ['weather.sun', 4],
      ['power.active.import', Number.NaN],
    ]);
    const sinkWithNames = dynatraceSink(dynatrace.url, {
      dimensions: { device: 'x', 'event.id': 'y', timestamp: 'z' },
    });
    const route = late(sinkWithNames);
    const fields = JSON.parse(route.encode(reading(5, { values })) ?? '') as Record<string, unknown>;
    expect(fields).toMatchObject({ device: 'meter', 'event.id': 'db-5', 'weather.sun': 4 });
    expect(fields['timestamp']).toMatch(/^\d{4}-/);
    expect(late().encode(reading(6, { values: new Map([['power.active.import', Number.NaN]]) }))).toBeNull();
  });

  it('can be switched off', () => {
    expect(dynatraceSink(dynatrace.url, { late: 'none' }).routes.map((route) => route.name)).toEqual(['metrics']);
  });

  it('without its scope blocks itself alone', async () => {
    dynatrace.fault({ kind: 'scopes', scopes: ['metrics.ingest'] });
    expect(await late().send(itemTexts([encoded(reading(1))], ','), { signal: aSignal() })).toMatchObject({
      kind: 'blocked',
      cause: 'credentials',
      hint: expect.stringContaining('bizevents.ingest') as unknown,
    });
    expect(await sendSamples(sink, [aSample()])).toMatchObject({ kind: 'accepted' });
  });
});

describe('a token', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gateway-sink-'));
    file = join(folder, 'token');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('whose file is replaced works with the next request', async () => {
    writeFileSync(file, 'dt0c01.wrong');
    const own = dynatraceSink(dynatrace.url, { token: new Secret({ file }) });
    expect(await sendSamples(own, [aSample()])).toMatchObject({ kind: 'blocked', status: 401 });
    expect(own.credentialsChanged()).toBe(false);
    writeFileSync(file, `${TOKEN}\n`);
    expect([own.credentialsChanged(), own.credentialsChanged()]).toEqual([true, false]);
    expect(await sendSamples(own, [aSample()])).toMatchObject({ kind: 'accepted' });
    await own.close();
  });

  it('that is missing, empty or no single line blocks and asks for one, without a request', async () => {
    const own = dynatraceSink(dynatrace.url, { token: new Secret({ file }) });
    for (const content of [null, '', 'two\nlines', 'möglich']) {
      if (content !== null) writeFileSync(file, content);
      expect(await sendSamples(own, [aSample()])).toMatchObject({
        kind: 'blocked',
        cause: 'credentials',
        hint: expect.stringContaining(file) as unknown,
        bytesSent: 0,
      });
    }
    expect(dynatrace.requests).toEqual([]);
  });

  it('is in no outcome, whatever the server or the network says, and in nothing that is printed', async () => {
    const outcomes: unknown[] = [];
    for (const status of [200, 202, 302, 400, 401, 403, 413, 429, 500]) {
      const message = `your token ${TOKEN} at https://me:${TOKEN}@host/`;
      dynatrace.fault({ kind: 'status', status, times: 2, message, location: `https://x/?t=${TOKEN}` });
      outcomes.push(
        await sendSamples(sink, [aSample()]),
        await late().send(itemTexts(['{}'], ','), { signal: aSignal() }),
      );
    }
    dynatrace.fault({ kind: 'status', status: 404 });
    const careless = dynatraceSink(`${dynatrace.url.replace('//', `//me:${TOKEN}@`)}/?api-token=${TOKEN}`);
    outcomes.push(await sendSamples(careless, [aSample()]), careless);
    await careless.close();
    await dynatrace.offline();
    outcomes.push(await sendSamples(sink, [aSample()]));
    expect(new Set(outcomes.map((outcome) => (outcome as Outcome).kind)).size).toBeGreaterThanOrEqual(3);
    expect(
      inspect({ outcomes, sink }, { depth: 20, showHidden: true }) + JSON.stringify({ outcomes, sink }),
    ).not.toMatch(/A{24}|B{64}/);
  });
});

describe('an online check', () => {
  it('says that both routes are usable and how far the clocks are apart', async () => {
    dynatrace.fault({ kind: 'skew', ms: 90_000 });
    const { routes, offsetMs } = await sink.check(aSignal());
    expect(routes).toMatchObject([
      { route: 'metrics', scope: 'metrics.ingest', usable: true },
      { route: 'late', scope: 'bizevents.ingest', usable: true },
    ]);
    expect(Math.abs((offsetMs ?? 0) - 90_000)).toBeLessThan(2_000);
    expect(dynatrace.series().map((series) => series.key)).toEqual(['gateway.check']);
    expect(dynatrace.events()).toEqual([]);
  });

  it('names the scope that is missing', async () => {
    dynatrace.fault({ kind: 'scopes', scopes: ['metrics.ingest'] });
    expect((await sink.check(aSignal())).routes.map((route) => route.usable)).toEqual([true, false]);
  });

  it('says what stands in the way when nothing answers', async () => {
    await dynatrace.offline();
    const { routes, offsetMs } = await sink.check(aSignal());
    expect(routes.map((route) => [route.usable, route.outcome.kind])).toEqual([
      [false, 'retry'],
      [false, 'retry'],
    ]);
    expect(offsetMs).toBeNull();
  });
});
