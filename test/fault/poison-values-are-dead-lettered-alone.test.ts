/**
 * Values that no sink can take, and sinks that refuse a few among many, between the real queue and the real dispatcher: the dead
 * letters are exactly those values, each once and with a reason; whatever stands behind and beside them is delivered.
 */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MINUTE } from '../../src/model/time.ts';
import type { Route, Sink } from '../../src/sinks/sink.ts';
import { DispatchStage } from '../support/dispatch-stage.ts';
import { seriesOf, startDynatrace, type StandIn } from '../support/dynatrace.ts';
import { dynatraceSink } from '../support/dynatrace-sink.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';

const KEY = 'smartmeter.power.active.import';
const POWER = 'power.active.import';
const AS_IT_IS = (sink: Sink): Sink => sink;
const SOON = { timeout: 30_000, interval: 25 };

interface Scene {
  readonly dynatrace: StandIn;
  readonly stage: DispatchStage;
}

async function scene(resolution: 'minute' | 'raw', wrap: (sink: Sink) => Sink = AS_IT_IS, speed = 200): Promise<Scene> {
  const machine = DispatchStage.hurriedClock(speed);
  const dynatrace = await startDynatrace({ now: () => machine.wallMs() });
  onTestFinished(() => dynatrace.stop());
  const sink = wrap(dynatraceSink(dynatrace.url, { clock: machine, resolution }));
  const stage = await DispatchStage.open(machine, [sink]);
  stage.dispatcher.start();
  await expect.poll(() => stage.clock.state, SOON).toBe('confirmed');
  return { dynatrace, stage };
}

/** The same sink, whose encoders throw for one device. */
function throwingFor(device: string): (sink: Sink) => Sink {
  const check = (given: string): void => {
    if (given === device) throw new TypeError('cannot read properties of undefined');
  };
  const wrapped = (route: Route): Route => {
    const { name, behindMs, aheadMs, maxItems, maxBytes, separator } = route;
    const limits = { name, behindMs, aheadMs, maxItems, maxBytes, separator, send: route.send.bind(route) };
    return route.takes === 'samples'
      ? { ...limits, takes: 'samples', encode: (sample) => (check(sample.device), route.encode(sample)) }
      : { ...limits, takes: 'readings', encode: (reading) => (check(reading.origin.device), route.encode(reading)) };
  };
  return (sink) => ({
    name: sink.name,
    type: sink.type,
    resolution: sink.resolution,
    flushMs: sink.flushMs,
    backfill: sink.backfill,
    routes: sink.routes.map(wrapped),
    credentialsChanged: () => sink.credentialsChanged(),
    close: () => sink.close(),
  });
}

const deadOf = ({ stage }: Scene): string[] =>
  stage.inspector
    .deadLetters({})
    .flatMap(({ device, quantity, samples }) => samples.map(() => `${device} ${quantity}`))
    .toSorted();

describe.for(['minute', 'raw'] as const)('a value that cannot be sent (%s)', (resolution) => {
  it('is dead-lettered alone with its reason, whichever way it came to be', async () => {
    const made = await scene(resolution, throwingFor('thrower'));
    const { stage, dynatrace } = made;
    for (const minutesAgo of [2, 20]) {
      const at = stage.at(minutesAgo, MINUTE / 2);
      await stage.store(
        { at, device: 'first' },
        { at, device: 'newer', values: { 'of.a.newer.version': 1, [POWER]: 2 } },
        { at: at + 1, device: 'nan', values: { [POWER]: 1 } },
        { at: at + 2, device: 'nan', values: { [POWER]: Number.NaN } },
        { at: at + 3, device: 'nan', values: { [POWER]: 3 } },
        { at, device: 'infinite', values: { [POWER]: Number.NEGATIVE_INFINITY } },
        { at, device: 'thrower' },
        { at, device: 'last' },
      );
    }
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ accepted: 18, delivered: 10, deadLettered: 8 });
    const each = ['infinite power.active.import', 'nan power.active.import', 'newer of.a.newer.version'];
    expect(deadOf(made)).toEqual([...each, 'thrower power.active.import'].flatMap((one) => [one, one]));
    const reasons = new Map(stage.inspector.deadLetters({}).map(({ device, reason }) => [device, reason]));
    expect(reasons.get('thrower')).toContain('cannot read properties of undefined');
    expect(reasons.get('nan')).toContain('no form for this quantity or value');
    expect(seriesOf(dynatrace, KEY, 'nan').flatMap(({ slots }) => slots.map(({ count }) => count))).toEqual([2, 2]);
    expect(stage.errors).toEqual([]);
    await stage.expectBalanced();

    // Asked for again, a value that was no number does not come back as a zero.
    const sent = seriesOf(dynatrace, KEY).length;
    expect(stage.inspector.retryDeadLetters({})).toBe(8);
    await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 10, deadLettered: 8, pending: 0 });
    expect(seriesOf(dynatrace, KEY)).toHaveLength(sent);
    await stage.expectBalanced();
  });
});

it('bytes of a reading that a failing card has changed cost that reading, and hold up none behind it', async () => {
  const made = await scene('minute');
  const { stage, dynatrace } = made;
  const at = stage.at(20, MINUTE / 2);
  // Of this minute nothing is due yet, so that the card has time to fail.
  const soon = stage.at(-8);
  await stage.store(...['a', 'b', 'c'].map((device) => ({ at: soon, device, values: { [POWER]: 230.1 } })));
  const db = new Database(join(stage.dataDir, 'queue.db'));
  const { changes } = db
    .prepare(
      "UPDATE readings SET data = CAST(x'05' || data AS BLOB) WHERE origin = (SELECT id FROM origins WHERE device = 'b')",
    )
    .run();
  db.close();
  expect(changes).toBe(1);
  await stage.store({ at, device: 'd' });
  await expect.poll(() => stage.ledger(), SOON).toMatchObject({ delivered: 3, deadLettered: 1, pending: 0 });
  expect(deadOf(made)).toEqual(['b power.active.import']);
  expect(seriesOf(dynatrace, KEY).map(({ dimensions }) => dimensions['device'])).toEqual(
    expect.arrayContaining(['a', 'c', 'd']) as string[],
  );
  expect(stage.errors).toEqual([]);
  await stage.expectBalanced();
});

describe('a sink that refuses a few in ten thousand', () => {
  const MANY = 10_000;

  it.for([
    { name: 'one, and names none', listed: 0, isBad: (i: number): boolean => i === 7_177 },
    { name: 'twelve, and names one at a time', listed: 1, isBad: (i: number): boolean => i % 833 === 500 },
    {
      name: 'forty side by side, and names ten at a time',
      listed: 10,
      isBad: (i: number): boolean => i >= 4_980 && i < 5_020,
    },
  ])(
    '$name: exactly these become dead letters, all others are stored, fresh ones too',
    within(90_000),
    async ({ name, listed, isBad }) => {
      for (let round = 0; round < rounds(1); round++) {
        // Slower: on a busy machine what is twenty minutes old must not become too old meanwhile.
        const { dynatrace, stage } = await scene('minute', AS_IT_IS, 20);
        const matches = (line: string): boolean => isBad(Number(/device="d(\d+)"/.exec(line)?.[1] ?? '-1'));
        dynatrace.fault({ kind: 'rules', rules: { errorsListed: listed } });
        dynatrace.fault({ kind: 'refuse-lines', matches, text: 'not this one' });
        await stage.storeDevices(MANY, 20);
        await stage.store({ at: stage.at(2), device: 'fresh' });
        const bad = Array.from({ length: MANY }, (_, i) => i).filter(isBad);
        await expect
          .poll(() => stage.ledger(), SOON)
          .toMatchObject({ delivered: MANY + 1 - bad.length, deadLettered: bad.length, pending: 0 });
        const letters = stage.inspector.deadLetters({});
        expect(letters.map(({ device }) => device).toSorted()).toEqual(bad.map((i) => `d${i}`).toSorted());
        expect(letters.every(({ samples, reason }) => samples.length === 1 && reason !== '')).toBe(true);
        const stored = new Set(seriesOf(dynatrace, KEY).map(({ dimensions }) => dimensions['device']));
        const lost = Array.from({ length: MANY }, (_, i) => i).filter((i) => !isBad(i) && !stored.has(`d${i}`));
        expect(stored.has('fresh')).toBe(true);
        expect(stage.dispatcher.problems()).toEqual([]);
        expect(stage.errors).toEqual([]);
        await stage.expectBalanced();
        reportFault({
          fault: `a sink refuses of 10,000 ${name}`,
          rounds: 1,
          acknowledged: MANY + 1,
          lost: lost.length,
          duplicates: 0,
          unaccounted: MANY + 1 - stored.size - letters.length,
        });
      }
    },
  );
});
