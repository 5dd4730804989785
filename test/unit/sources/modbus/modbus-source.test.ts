import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../../src/model/time.ts';
import { rtu } from '../../../../src/sources/modbus/framing/rtu.ts';
import { ModbusSource } from '../../../../src/sources/modbus/modbus-source.ts';
import { DriftingClock } from '../../../support/drifting-clock.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { deviceWith, SimulatedLine, wordsFrom, type SimulatedDevice } from '../../../support/simulated-line.ts';
import { settled, SteppedClock } from '../../../support/stepped-clock.ts';
import { TestInlet } from '../../../support/test-inlet.ts';

const WORDS = wordsFrom(0x10, '0001 0002');

const NOW = Date.UTC(2026, 10, 20, 14);

async function scene(
  devices: Readonly<Record<number, SimulatedDevice>>,
  { sleeps = false, hold = false, clock = new SteppedClock(NOW) } = {},
) {
  const line = new SimulatedLine(clock, new Map(Object.entries(devices).map(([unit, one]) => [Number(unit), one])));
  const source = new ModbusSource({
    name: 'roof',
    link: line,
    framing: rtu,
    intervalMs: 5 * SECOND,
    gapMs: 100,
    timeoutMs: 500,
    devices: Object.keys(devices).map((unit) => ({
      name: `device-${unit}`,
      unit: Number(unit),
      maxWords: 60,
      blocks: [{ fc: 3, start: 0x10, count: 2, every: 'live', optional: false, cuts: [0x10, 0x11] }],
      models: [],
      sleeps,
    })),
    clock,
    log: silentLog,
  });
  const inlet = new TestInlet({ hold });
  await source.start(inlet);
  return { clock, line, source, inlet };
}

describe('a Modbus source', () => {
  it('brings one payload per device and poll, at its interval, named after the device', async () => {
    const { clock, inlet } = await scene({ 1: deviceWith(WORDS), 2: deviceWith(WORDS) });
    await clock.advance(MINUTE - 1);
    expect(inlet.payloads.filter(({ topic }) => topic === 'device-1')).toHaveLength(12);
    expect(inlet.payloads.filter(({ topic }) => topic === 'device-2')).toHaveLength(12);
    expect(JSON.parse(inlet.texts[0] ?? '')).toMatchObject({ blocks: { '3:16': '00010002' }, models: {} });
    expect(inlet.payloads[0]).toMatchObject({ qos: 0, retained: false, waited: false });
  });

  it('polls no faster and not twice after a poll that took longer than the interval', async () => {
    const slow: SimulatedDevice = { word: () => 1, behave: () => ({ afterMs: 400 }) };
    const { clock, line, inlet } = await scene(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i + 1, slow])));
    await clock.advance(2 * MINUTE);
    // Twenty devices at half a second each: a poll takes ten seconds.
    expect(line.requests.filter(({ unit }) => unit === 1).length).toBeLessThanOrEqual(13);
    expect(inlet.payloads.length).toBeGreaterThan(200);
    const units = line.requests.map(({ unit }) => unit);
    expect(units.slice(0, 41)).toEqual([...Array.from({ length: 40 }, (_, i) => (i % 20) + 1), 1]);
  });

  it('goes on at once, and sleeps for no negative time, when a poll is overdue', async () => {
    const slow: SimulatedDevice = { word: () => 1, behave: () => ({ afterMs: 400 }) };
    const clock = new DriftingClock(NOW);
    await scene(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i + 1, slow])), { clock });
    await clock.advance(MINUTE);
    expect(clock.sleeps.length).toBeGreaterThan(100);
    expect(clock.sleeps.filter((ms) => ms < 0)).toEqual([]);
  });

  it('does not make up for polls that it missed', async () => {
    let afterMs = 400;
    const device: SimulatedDevice = { word: () => 1, behave: () => ({ afterMs }) };
    const { clock, line } = await scene(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i + 1, device])));
    await clock.advance(2 * MINUTE);
    afterMs = 10;
    await clock.advance(10 * SECOND);
    const asked = line.requests.length;
    await clock.advance(20 * SECOND);
    expect(line.requests.slice(asked).filter(({ unit }) => unit === 1).length).toBeLessThanOrEqual(5);
  });

  it('counts every answer it cannot use as refused: spoilt ones and late ones', async () => {
    let nth = 0;
    const flaky: SimulatedDevice = {
      word: () => 1,
      behave: () => {
        nth++;
        if (nth === 3) return { afterMs: 20, spoil: 'checksum' };
        return { afterMs: nth === 6 ? 800 : 20 };
      },
    };
    const { clock, inlet } = await scene({ 1: flaky });
    await clock.advance(2 * MINUTE);
    expect(inlet.drops.map(({ reason }) => reason)).toEqual([
      'registers 0x0010 × 2 (function 3): wrong checksum',
      'a late answer, or bytes of another master',
    ]);
  });

  it('is connecting until a device has answered, and says why', async () => {
    let alive = false;
    const { clock, source, line } = await scene({ 1: deviceWith(WORDS, () => alive) });
    expect(source.status()).toMatchObject({
      state: 'connecting',
      detail: expect.stringContaining('not opened yet') as string,
    });
    await clock.advance(SECOND);
    expect(source.status()).toMatchObject({ state: 'connecting', detail: 'No device has answered yet.' });
    alive = true;
    await clock.advance(10 * SECOND);
    expect(source.status()).toEqual({ state: 'connected', detail: null, problems: [], silences: [] });
    line.refuseToOpen = true;
    line.break();
    expect(source.status()).toMatchObject({ state: 'connecting', detail: 'a simulated line: unplugged.' });
  });

  it('names the device that is silent, while the others go on', async () => {
    const { clock, source, inlet } = await scene({ 1: deviceWith(WORDS), 2: deviceWith(WORDS, () => false) });
    await clock.advance(MINUTE);
    expect(source.status()).toMatchObject({
      state: 'connected',
      problems: [{ code: 'source.silent', message: 'Source roof: device-2 (unit 2) does not answer.' }],
    });
    expect(inlet.payloads.filter(({ topic }) => topic === 'device-1').length).toBeGreaterThan(8);
  });

  it('says since when a device has not answered, and all of them while the line is down', async () => {
    let alive = true;
    const { clock, source, line } = await scene({ 1: deviceWith(WORDS), 2: deviceWith(WORDS, () => alive) });
    await clock.advance(MINUTE);
    const died = clock.monoMs();
    alive = false;
    await clock.advance(10 * MINUTE);
    const [silence, ...others] = source.status().silences ?? [];
    expect(silence).toMatchObject({ device: 'device-2', reason: 'device-2 (unit 2) does not answer' });
    expect(silence?.sinceMono).toBeGreaterThan(died - 6 * SECOND);
    expect(silence?.sinceMono).toBeLessThanOrEqual(died);
    expect(others).toEqual([]);
    line.refuseToOpen = true;
    line.break();
    expect(source.status().silences).toMatchObject([
      { device: 'device-1', reason: 'a simulated line: unplugged' },
      { device: 'device-2', sinceMono: silence?.sinceMono, reason: 'a simulated line: unplugged' },
    ]);
  });

  it('knows no time of a device that has never answered', async () => {
    const { clock, source } = await scene({ 1: deviceWith(WORDS, () => false) });
    await clock.advance(MINUTE);
    expect(source.status().silences).toMatchObject([{ device: 'device-1', sinceMono: null }]);
  });

  it('says that its devices are asleep at night, which is no problem; after a day it is one', async () => {
    let alive = true;
    const { clock, source } = await scene({ 1: deviceWith(WORDS, () => alive) }, { sleeps: true });
    await clock.advance(MINUTE);
    alive = false;
    await clock.advance(10 * HOUR);
    expect(source.status()).toMatchObject({
      state: 'connected',
      detail: 'Asleep: device-1.',
      problems: [],
      asleep: true,
    });
    expect(source.status().silences).toMatchObject([{ reason: 'asleep' }]);
    await clock.advance(15 * HOUR);
    expect(source.status()).toMatchObject({ asleep: false, problems: [{ code: 'source.silent' }] });
  });

  it('holds no more than its bound when nothing can be stored, and counts what it drops', async () => {
    const { clock, inlet } = await scene({ 1: deviceWith(WORDS) }, { hold: true });
    await clock.advance(2 * HOUR);
    expect(inlet.payloads.length).toBe(1_024);
    expect(inlet.drops.length).toBeGreaterThan(300);
  });

  it('stops while a request waits for its answer', async () => {
    const { clock, source, line } = await scene({ 1: deviceWith(WORDS, () => false) });
    await clock.advance(200);
    expect(line.requests).toHaveLength(1);
    let stopped = false;
    void source.stop(2_000).then(() => (stopped = true));
    await settled();
    await settled();
    expect(stopped).toBe(true);
    await clock.advance(MINUTE);
    expect(line.requests).toHaveLength(1);
  });
});
