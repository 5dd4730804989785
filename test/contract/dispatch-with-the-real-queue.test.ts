/** Dispatcher, queue on its thread and Dynatrace sink together, against the stand-in over HTTP: what each answer leaves behind. */
import { readFile } from 'node:fs/promises';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HOUR, MINUTE } from '../../src/model/time.ts';
import { Secret } from '../../src/platform/secret.ts';
import type { DynatraceOptions } from '../../src/sinks/dynatrace/dynatrace-sink.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { DispatchStage } from '../support/dispatch-stage.ts';
import { type Fault, type StandIn, seriesOf, startDynatrace, storedValues, TOKEN } from '../support/dynatrace.ts';
import { dynatraceSink } from '../support/dynatrace-sink.ts';
import { FileSink } from '../support/file-sink.ts';
import { tempDir } from '../support/temp-dir.ts';

const KEY = 'smartmeter.power.active.import';
const SOON = { timeout: 15_000, interval: 25 };
const LIMITS = { connectMs: 1_000, headersMs: 300, bodyMs: 300, totalMs: 1_000 };

interface Scene {
  readonly dynatrace: StandIn;
  readonly stage: DispatchStage;
}

async function scene(
  changes: Partial<DynatraceOptions> = {},
  others: readonly Sink[] = [],
  machine = DispatchStage.hurriedClock(),
): Promise<Scene> {
  const dynatrace = await startDynatrace({ now: () => machine.wallMs() });
  onTestFinished(() => dynatrace.stop());
  const sink = dynatraceSink(dynatrace.url, { clock: machine, limits: LIMITS, ...changes });
  return { dynatrace, stage: await DispatchStage.open(machine, [sink, ...others]) };
}

/** The dispatcher has begun and had a first good answer, so that the clock is right. */
async function running(changes: Partial<DynatraceOptions> = {}, others: readonly Sink[] = []): Promise<Scene> {
  const made = await scene(changes, others);
  made.stage.dispatcher.start();
  await expect.poll(() => made.stage.clock.state, SOON).toBe('confirmed');
  return made;
}

const stored = (dynatrace: StandIn): number => storedValues(dynatrace, ({ key }) => key === KEY);

const fault = (aFault: Fault) => (dynatrace: StandIn) => dynatrace.fault({ route: 'metrics', ...aFault });
const status = (code: number, more: object = {}) => fault({ kind: 'status', status: code, ...more });
/** 37 of the devices d0 … d999. */
const isBad = (line: string): boolean => Number(/device="d(\d+)"/.exec(line)?.[1]) % 27 === 13;

describe('an answer that takes nothing', () => {
  it.for<{ name: string; code: string; begin: (dynatrace: StandIn) => unknown }>([
    { name: '400 in no form of the API', code: 'sink.blocked', begin: status(400, { body: 'html' }) },
    { name: '413', code: 'sink.blocked', begin: status(413) },
    { name: '415', code: 'sink.blocked', begin: status(415) },
    { name: 'a 400 that names every line', code: 'sink.blocked', begin: fault({ kind: 'refuse-lines' }) },
    { name: '408', code: 'sink.retrying', begin: status(408) },
    { name: '429 with Retry-After', code: 'sink.retrying', begin: status(429, { retryAfter: 30 }) },
    { name: '429 with rate-limit headers', code: 'sink.retrying', begin: status(429, { resetInMs: 30_000 }) },
    { name: '500 with an empty body', code: 'sink.retrying', begin: status(500, { body: 'empty' }) },
    { name: '502 with a page', code: 'sink.retrying', begin: status(502, { body: 'html' }) },
    { name: '503', code: 'sink.retrying', begin: status(503) },
    { name: 'a server that hangs', code: 'sink.retrying', begin: fault({ kind: 'hang' }) },
    { name: 'a reset connection', code: 'sink.retrying', begin: fault({ kind: 'reset' }) },
    { name: 'a refused connection', code: 'sink.retrying', begin: (dynatrace) => dynatrace.offline() },
    { name: '401', code: 'sink.blocked', begin: status(401) },
    { name: '403', code: 'sink.blocked', begin: fault({ kind: 'scopes', scopes: [] }) },
    { name: '404', code: 'sink.blocked', begin: status(404) },
    { name: '405', code: 'sink.blocked', begin: status(405) },
    { name: 'a redirect', code: 'sink.blocked', begin: status(302, { location: 'http://portal.example/' }) },
    { name: 'a page with status 200', code: 'sink.blocked', begin: status(200, { body: 'html' }) },
  ])('$name: everything is kept and said, and delivered once when it ends', async ({ code, begin }) => {
    const { dynatrace, stage } = await running();
    await begin(dynatrace);
    await stage.storeDevices(40, 2);
    await stage.storeDevices(40, 20);
    await expect.poll(() => stage.dispatcher.problems(), SOON).toMatchObject([{ code }]);
    expect(await stage.ledger()).toMatchObject({ accepted: 80, delivered: 0, deadLettered: 0, pending: 80 });
    expect(stored(dynatrace)).toBe(0);
    await stage.expectBalanced();

    dynatrace.heal();
    await dynatrace.online().catch(() => undefined);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ accepted: 80, delivered: 80, pending: 0 });
    expect(stage.dispatcher.problems()).toEqual([]);
    expect(await stage.route('metrics')).toMatchObject({ state: 'ok', lastError: null, nextAttemptAt: null });
    expect(stored(dynatrace)).toBe(80);
    expect(stage.errors).toEqual([]);
    await stage.expectBalanced();
  });
});

describe('an answer that was lost after everything was stored', () => {
  it.for<Fault>([
    { kind: 'reset', when: 'after-storing', times: 1 },
    { kind: 'hang', when: 'after-storing', times: 1 },
    { kind: 'slow-body', times: 1 },
  ])('$kind: the same is sent again at the same times, and counted once', async (aFault) => {
    const { dynatrace, stage } = await running();
    // Health may come in between and take the fault upon itself.
    dynatrace.fault({ ...aFault, times: 2 });
    await stage.storeDevices(40, 20);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ accepted: 40, delivered: 40, pending: 0 });
    const slots = seriesOf(dynatrace, KEY).flatMap((series) => series.slots);
    expect(slots).toHaveLength(40);
    expect(slots.every(({ min, max, sum, count }) => min === max && sum / count === min)).toBe(true);
    await stage.expectBalanced();
  });
});

describe('an answer that takes a part', () => {
  it('400: dead-letters the 37 bad lines of 1,000, although ten are named at a time, and delivers 963 once', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'rules', rules: { errorsListed: 10 } });
    dynatrace.fault({ kind: 'refuse-lines', matches: isBad, text: 'no such thing' });
    await stage.storeDevices(1_000, 20);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 963, deadLettered: 37, pending: 0 });
    const letters = stage.inspector.deadLetters({});
    expect(letters.map(({ device }) => Number(device.slice(1)) % 27)).toEqual(Array(37).fill(13));
    expect(letters.every(({ reason }) => reason === 'no such thing')).toBe(true);
    expect(stored(dynatrace)).toBeGreaterThanOrEqual(963);
    expect(seriesOf(dynatrace, KEY)).toHaveLength(963);
    expect(stage.errors).toEqual([]);
    await stage.expectBalanced();
  });

  it('413 for a batch of many lines: halves it until it fits', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'rules', route: 'metrics', rules: { maxLines: 100 } });
    await stage.storeDevices(400, 20);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 400, deadLettered: 0, pending: 0 });
    expect(stored(dynatrace)).toBe(400);
    await stage.expectBalanced();
  });

  it('415 for compressed bodies only: sends uncompressed once, and keeps to it', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'rules', rules: { gzip: false } });
    await stage.storeDevices(100, 20);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 100, pending: 0 });
    await stage.storeDevices(100, 21);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 200, pending: 0 });
    expect(dynatrace.requests.filter(({ encoding }) => encoding === 'gzip')).toHaveLength(1);
    expect(stored(dynatrace)).toBe(200);
    await stage.expectBalanced();
  });

  it('400 in no form of the API because of one line: that one is a dead letter once others were accepted since', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'status', status: 400, body: 'html', containing: 'device="d77"' });
    await stage.storeDevices(100, 20);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 99, deadLettered: 1, pending: 0 });
    expect(stage.inspector.deadLetters({})).toMatchObject([{ device: 'd77' }]);
    expect(seriesOf(dynatrace, KEY)).toHaveLength(99);
    expect(stage.dispatcher.problems()).toEqual([]);
    await stage.expectBalanced();
  });

  it('a line that the server calls too old goes over to the late route and is no dead letter', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'skew', ms: 30 * MINUTE });
    await stage.storeDevices(5, 40);
    await stage.storeDevices(5, 10);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 5, late: 5, deadLettered: 0, pending: 0 });
    expect(dynatrace.events()).toHaveLength(5);
    await stage.expectBalanced();
  });
});

describe('a minute with more series than a request takes', () => {
  it('is folded all the same, one line per series', async () => {
    const { dynatrace, stage } = await running();
    const at = [10_000, 20_000, 30_000].map((into) => stage.at(20, into));
    const devices = Array.from({ length: 1_500 }, (_, i) => `d${i}`);
    await stage.store(...at.flatMap((at) => devices.map((device) => ({ at, device }))));
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 4_500, pending: 0 });
    expect(stored(dynatrace)).toBe(4_500);
    const lines = dynatrace.requests
      .flatMap(({ body }) => (body ?? '').split('\n'))
      .filter((line) => line.startsWith(`${KEY},`));
    expect(lines).toHaveLength(1_500);
    await stage.expectBalanced();
  });
});

describe('the late route', () => {
  it('takes what is older than metrics may be, one event per reading; what no route takes expires', async () => {
    const { dynatrace, stage } = await running();
    const values = { 'power.active.import': 501, 'energy.active.import': 1_000 };
    const old = stage.at(3 * 60, 20_000);
    await stage.store({ at: old, values }, { at: stage.at(25 * 60), values }, { at: stage.at(5), values });
    await expect
      .poll(() => stage.ledger(), SOON)
      .toMatchObject({ accepted: 6, delivered: 2, late: 2, expired: 2, pending: 0 });
    expect(dynatrace.events()).toMatchObject([
      { timestamp: old, fields: { device: 'meter', [KEY]: 0.501, 'event.type': 'energy.gateway.reading' } },
    ]);
    await stage.expectBalanced();
  });

  it('dead-letters the values of an event that is named in a 400, and counts the others as late', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'refuse-lines', route: 'bizevents', device: 'd3', text: 'not that one' });
    await stage.storeDevices(10, 120);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ late: 9, deadLettered: 1, pending: 0 });
    expect(stage.inspector.deadLetters({})).toMatchObject([{ device: 'd3', reason: 'not that one' }]);
    await stage.expectBalanced();
  });

  it('is blocked alone when the token lacks its scope, and says so only while values wait for it', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'scopes', scopes: ['metrics.ingest'] });
    await stage.storeDevices(4, 120);
    await expect.poll(() => stage.dispatcher.problems(), SOON).toMatchObject([{ code: 'late.blocked' }]);
    await stage.storeDevices(4, 10);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 4, late: 0, pending: 4 });
    await stage.expectBalanced();
    dynatrace.heal();
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 4, late: 4, pending: 0 });
    expect(stage.dispatcher.problems()).toEqual([]);
  });

  it('without one, what is too old for metrics expires', async () => {
    const { stage } = await running({ late: 'none' });
    await stage.storeDevices(4, 120);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ expired: 4, pending: 0 });
    await stage.expectBalanced();
  });
});

describe('what a person asks for', () => {
  it('dead letters that are retried are delivered, and no longer counted as dead', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'refuse-lines', device: 'd1', text: 'not yet' });
    await stage.storeDevices(3, 10);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 2, deadLettered: 1 });
    dynatrace.heal();
    expect(stage.inspector.retryDeadLetters({})).toBe(1);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 3, deadLettered: 0, pending: 0 });
    expect(stored(dynatrace)).toBe(3);
    await stage.expectBalanced();
  });

  it('dead letters that are too old for metrics when they are retried take the late route', async () => {
    const { dynatrace, stage } = await running();
    dynatrace.fault({ kind: 'refuse-lines', device: 'd1', text: 'not yet' });
    await stage.storeDevices(3, 120);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ late: 2, deadLettered: 1 });
    dynatrace.heal();
    stage.inspector.retryDeadLetters({});
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ late: 3, deadLettered: 0, pending: 0 });
    expect(dynatrace.events()).toHaveLength(3);
    await stage.expectBalanced();
  });

  it('a replay sends stored minutes again, on both routes, and changes no ledger', async () => {
    const { dynatrace, stage } = await running();
    await stage.storeDevices(4, 120);
    await stage.storeDevices(5, 10);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 5, late: 4, pending: 0 });
    const before = await stage.ledger();
    queueReplay(stage);
    await expect
      .poll(async () => (await stage.report()).replays, SOON)
      .toMatchObject([{ total: 9, asMetrics: 5, late: 4, tooOld: 0, done: 9, state: 'done' }]);
    expect(await stage.ledger()).toEqual(before);
    expect(dynatrace.events()).toHaveLength(8);
    expect(stored(dynatrace)).toBe(10);
    expect(seriesOf(dynatrace, KEY)).toHaveLength(5);
    await stage.expectBalanced();
  });
});

describe('a replay that goes over to the late route', () => {
  it('goes on there at once, not at the next minute', async () => {
    // Slower: with the usual haste a minute is over before one can look.
    const { dynatrace, stage } = await scene({}, [], DispatchStage.hurriedClock(10));
    stage.dispatcher.start();
    await stage.storeDevices(4, 120);
    await stage.storeDevices(5, 10);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 5, late: 4 });
    queueReplay(stage);
    await expect.poll(async () => (await stage.report()).replays, SOON).toMatchObject([{ state: 'done' }]);
    const last = (needle: string): number => dynatrace.requests.findLast(({ body }) => body?.includes(needle))?.at ?? 0;
    expect(last('"event.id"') - last(`${KEY},`)).toBeLessThan(MINUTE / 4);
  });
});

function queueReplay(stage: DispatchStage): void {
  stage.inspector.queueReplay({
    from: stage.at(180),
    to: stage.at(1),
    wholeMinutes: true,
    now: stage.clock.now(),
    windows: {
      dynatrace: [
        { route: 'metrics', behindMs: 55 * MINUTE },
        { route: 'late', behindMs: 23 * HOUR },
      ],
    },
  });
}

describe('the first request', () => {
  it('carries health alone and teaches the clock; readings follow', async () => {
    const { dynatrace, stage } = await scene();
    await stage.storeDevices(3, 2);
    dynatrace.fault({ kind: 'status', status: 503, times: 1 });
    stage.dispatcher.start();
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 3, pending: 0 });
    expect(stage.clock.confirmedBy).toBe('dynatrace');
    const [first, ...others] = dynatrace.requests.map(({ body }) => body ?? '');
    expect(first).toMatch(/^gateway\.queue\.pending\S* gauge,1$/);
    expect(others.filter((body) => body.includes(KEY))).toHaveLength(1);
  });

  it('is repeated while nobody answers, and no reading is sent before the clock is known', async () => {
    const { dynatrace, stage } = await scene();
    dynatrace.fault({ kind: 'hang', times: 3 });
    await stage.storeDevices(3, 2);
    stage.dispatcher.start();
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 3, pending: 0 });
    const silent = dynatrace.requests.filter(({ status }) => status === null);
    expect(silent.every(({ body }) => !(body ?? '').includes(KEY))).toBe(true);
  });
});

describe('two sinks', () => {
  it('are owed and settled independently of each other', async () => {
    const folder = join(tempDir(), 'out');
    const keyFile = join(tempDir(), 'key');
    writeFileSync(keyFile, 'key');
    const file = new FileSink({ file: join(folder, 'values'), keyFile });
    const { dynatrace, stage } = await running({}, [file]);
    await stage.storeDevices(20, 10);
    await stage.store({ at: stage.at(10), device: 'refused' });
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 21, pending: 0 });
    expect(await stage.ledger('file')).toMatchObject({ delivered: 0, pending: 21 });
    expect(stage.dispatcher.problems()).toMatchObject([{ code: 'sink.retrying' }]);
    await stage.expectBalanced();

    dynatrace.fault({ kind: 'status', status: 401 });
    mkdirSync(folder);
    await stage.storeDevices(20, 9);
    await expect.poll(() => stage.ledger('file'), SOON).toMatchObject({ delivered: 40, deadLettered: 1, pending: 0 });
    expect(await stage.ledger()).toMatchObject({ delivered: 21, pending: 20 });
    const lines = (await readFile(join(folder, 'values'), 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"device"'));
    expect(lines).toHaveLength(40);
    await stage.expectBalanced();

    rmSync(folder, { recursive: true });
    dynatrace.heal();
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 41, pending: 0 });
    expect(stored(dynatrace)).toBe(41);
    await stage.expectBalanced();
  });
});

describe('a token that is replaced', () => {
  it('is used at once, instead of after the five minutes a refused one waits', async () => {
    const tokenFile = join(tempDir(), 'token');
    writeFileSync(tokenFile, 'dt0c01.WRONG');
    const { dynatrace, stage } = await scene({ token: new Secret({ file: tokenFile }) });
    await stage.storeDevices(3, 2);
    stage.dispatcher.start();
    await expect.poll(() => stage.dispatcher.problems(), SOON).toMatchObject([{ code: 'sink.blocked' }]);
    const refused = stage.machine.monoMs();
    writeFileSync(tokenFile, TOKEN);
    await expect.poll(() => stored(dynatrace), SOON).toBe(3);
    expect(stage.machine.monoMs() - refused).toBeLessThan(4 * MINUTE);
  });
});
