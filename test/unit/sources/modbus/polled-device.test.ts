import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../../src/model/time.ts';
import type { PlannedBlock } from '../../../../src/sources/modbus/poll-plan.ts';
import { PolledDevice, type Poll, type PolledDeviceOptions } from '../../../../src/sources/modbus/polled-device.ts';
import { modbusScene } from '../../../support/modbus-scene.ts';
import { deviceWith, wordsFrom } from '../../../support/simulated-line.ts';

const LIVE: PlannedBlock = {
  fc: 3,
  start: 0x10,
  count: 4,
  every: 'live',
  optional: false,
  cuts: [0x10, 0x11, 0x12, 0x13],
};
const OPTIONS: PolledDeviceOptions = {
  name: 'inverter',
  unit: 1,
  maxWords: 60,
  blocks: [LIVE, { fc: 3, start: 0x20, count: 1, every: 'once', optional: false, cuts: [0x20] }],
  models: [],
  sleeps: false,
};
const WORDS = new Map([...wordsFrom(0x10, '0001 0002 0003 0004'), ...wordsFrom(0x20, 'abcd')]);

function scene(options: Partial<PolledDeviceOptions> = {}, words: ReadonlyMap<number, number> = WORDS) {
  let alive = true;
  const { bus, clock, line, soon } = modbusScene({ 1: deviceWith(words, () => alive) });
  const device = new PolledDevice({ ...OPTIONS, ...options });
  const poll = (): Promise<Poll | null> => soon(device.poll(bus, clock.monoMs()));
  const pollEvery = async (ms: number, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await poll();
      await clock.advance(ms);
    }
  };
  return { device, line, clock, poll, pollEvery, die: () => (alive = false), revive: () => (alive = true) };
}

describe('a polled device', () => {
  it('gives what it has, in hex, and what is read once only once', async () => {
    const { poll } = scene();
    expect(await poll()).toEqual({ blocks: { '3:16': '0001000200030004', '3:32': 'abcd' }, models: {}, refusals: [] });
    expect(await poll()).toEqual({ blocks: { '3:16': '0001000200030004' }, models: {}, refusals: [] });
  });

  it('reads around a register it does not have, and does not ask for it again', async () => {
    const words = new Map(WORDS);
    words.delete(0x12);
    const { poll, line } = scene({}, words);
    expect((await poll())?.blocks).toEqual({ '3:16': '00010002', '3:19': '0004', '3:32': 'abcd' });
    const asked = line.requests.length;
    await poll();
    expect(line.requests.slice(asked).map(({ start, count }) => [start, count])).toEqual([
      [0x10, 2],
      [0x13, 1],
    ]);
  });

  it('loses one block, and not the rest of the poll, when a single answer is lost', async () => {
    let nth = 0;
    const whole = deviceWith(WORDS);
    const { bus, clock, soon } = modbusScene({
      1: { ...whole, behave: (request) => (nth++ === 1 ? { afterMs: 0, spoil: 'silence' } : whole.behave(request)) },
    });
    const blocks = [0x10, 0x12, 0x20].map((start) => ({ ...LIVE, start, count: start === 0x20 ? 1 : 2 }));
    const device = new PolledDevice({ ...OPTIONS, blocks });
    expect((await soon(device.poll(bus, clock.monoMs())))?.blocks).toEqual({ '3:16': '00010002', '3:32': 'abcd' });
  });

  it('is new until it has answered, and silent after three polls without an answer', async () => {
    const { device, poll, die, revive } = scene();
    die();
    expect(device.state).toBe('new');
    await poll();
    revive();
    await poll();
    expect(device.state).toBe('answering');
    die();
    for (const state of ['answering', 'answering', 'silent']) {
      expect(await poll()).toBeNull();
      expect(device.state).toBe(state);
    }
    expect(device.trouble).toBe('inverter (unit 1) does not answer');
  });

  it.each([0x0a, 0x0b])(
    'is silent when a gateway answers in its place, with exception %i, that it cannot reach it',
    async (exception) => {
      const behave = () => ({ afterMs: 20, exception });
      const { bus, clock, line, soon } = modbusScene({ 1: { ...deviceWith(WORDS), behave } });
      const device = new PolledDevice(OPTIONS);
      for (let i = 0; i < 3; i++) await soon(device.poll(bus, clock.monoMs()));
      expect(device.state).toBe('silent');
      expect(device.trouble).toBe('inverter (unit 1) does not answer');
      expect(line.requests).toHaveLength(3);
    },
  );

  it('is asked once a minute while it is silent, with one request, and at once again when it is back', async () => {
    const { device, line, pollEvery, poll, clock, die, revive } = scene();
    die();
    await pollEvery(5 * SECOND, 3);
    const asked = line.requests.length;
    await pollEvery(5 * SECOND, 60);
    const requests = line.requests.length - asked;
    expect(requests).toBeGreaterThanOrEqual(4);
    expect(requests).toBeLessThanOrEqual(6);
    revive();
    await clock.advance(MINUTE);
    expect((await poll())?.blocks).toHaveProperty('3:16');
    expect(device.state).toBe('answering');
    expect(device.trouble).toBeNull();
  });

  it('is asleep, not silent, when it has no supply at night; after a day it is silent', async () => {
    const { device, pollEvery, clock, die, poll } = scene({ sleeps: true });
    await poll();
    die();
    await pollEvery(5 * SECOND, 3);
    expect(device.state).toBe('asleep');
    await clock.advance(16 * HOUR);
    await poll();
    expect(device.state).toBe('asleep');
    await clock.advance(8 * HOUR);
    await poll();
    expect(device.state).toBe('silent');
  });

  it('is read again in the morning, however many requests stayed without an answer at night', async () => {
    const { pollEvery, poll, clock, die, revive } = scene({ sleeps: true });
    die();
    await pollEvery(5 * SECOND, 12 * 60 * 2);
    revive();
    await clock.advance(MINUTE);
    expect((await poll())?.blocks).toHaveProperty('3:16');
  });

  it('is asleep for a night, too, when the gateway was started in it', async () => {
    const { device, pollEvery, clock, die, poll } = scene({ sleeps: true });
    die();
    await pollEvery(5 * SECOND, 3);
    expect(device.state).toBe('asleep');
    await clock.advance(25 * HOUR);
    await poll();
    expect(device.state).toBe('silent');
  });

  it('is not taken for silent while the line is down, and is read as soon as that is open again', async () => {
    const { device, poll, pollEvery, line, clock } = scene();
    await poll();
    line.refuseToOpen = true;
    line.break();
    await pollEvery(5 * SECOND, 6);
    expect(device.state).toBe('answering');
    line.refuseToOpen = false;
    await clock.advance(20 * SECOND);
    expect((await poll())?.blocks).toHaveProperty('3:16');
  });

  it('is read whole again after the line was opened anew', async () => {
    const { device, poll } = scene();
    await poll();
    device.reset();
    expect((await poll())?.blocks).toHaveProperty('3:32');
  });
});
