import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bus, type ReadOutcome } from '../../../../src/sources/modbus/bus.ts';
import { rtu } from '../../../../src/sources/modbus/framing/rtu.ts';
import type { ReadRequest } from '../../../../src/sources/modbus/read-request.ts';
import { rtuAnswer } from '../../../support/modbus-frames.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { SimulatedLine, type Behaviour, type SimulatedDevice } from '../../../support/simulated-line.ts';
import { settled, SteppedClock } from '../../../support/stepped-clock.ts';

const NOW = Date.UTC(2026, 10, 20, 14);
const QUICK: Behaviour = { afterMs: 30 };
const BLOCK: ReadRequest = { unit: 1, fc: 3, start: 0x0100, count: 4 };
const OTHER: ReadRequest = { unit: 1, fc: 3, start: 0x0200, count: 4 };

/** A bus in stepped time; devices' registers hold their own address. */
function scene(behave: (request: ReadRequest, nth: number) => Behaviour, units = [1]) {
  const clock = new SteppedClock(NOW);
  let nth = 0;
  const device: SimulatedDevice = { word: (address) => address, behave: (request) => behave(request, nth++) };
  const line = new SimulatedLine(clock, new Map(units.map((unit) => [unit, device])));
  const bus = new Bus({ link: line, framing: rtu, gapMs: 100, timeoutMs: 500, clock, log: silentLog });
  const read = async (request: ReadRequest): Promise<ReadOutcome> => {
    const outcomes: ReadOutcome[] = [];
    void bus.read(request).then((outcome) => outcomes.push(outcome));
    for (let waited = 0; outcomes.length === 0 && waited < 60_000; waited += 10) await clock.advance(10);
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('no outcome within a minute');
    return outcome;
  };
  return { clock, line, bus, read };
}

function wordsOf(outcome: ReadOutcome): number[] {
  if (outcome.kind !== 'data') return [];
  const bytes = Buffer.from(outcome.bytes);
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(2 * i));
}

describe('a Modbus line', () => {
  it('gives each request the registers it asked for, also when many ask at once', async () => {
    const { bus, clock } = scene(() => QUICK);
    const all = Promise.all([BLOCK, OTHER, { ...BLOCK, start: 0x0300 }].map((request) => bus.read(request)));
    for (let i = 0; i < 100; i++) await clock.advance(10);
    expect((await all).map((outcome) => wordsOf(outcome)[0])).toEqual([0x0100, 0x0200, 0x0300]);
  });

  it('never takes a late answer for the answer to the next request of the same length', async () => {
    const { read, line } = scene((_, nth) => (nth === 0 ? { afterMs: 700 } : QUICK));
    expect(await read(BLOCK)).toEqual({ kind: 'timeout' });
    expect(wordsOf(await read(OTHER))).toEqual([0x0200, 0x0201, 0x0202, 0x0203]);
    expect(line.requests.map(({ count }) => count)).toEqual([4, 3, 4]);
  });

  it('never does so however late the answer is, although the line seemed quiet', async () => {
    const { read } = scene((_, nth) => (nth === 0 ? { afterMs: 2_030 } : QUICK));
    expect(await read(BLOCK)).toEqual({ kind: 'timeout' });
    const tries: number[][] = [];
    for (let i = 0; i < 5; i++) tries.push(wordsOf(await read(OTHER)));
    expect(tries.filter(([first]) => first !== undefined && first !== 0x0200)).toEqual([]);
    expect(wordsOf(await read(OTHER))).toEqual([0x0200, 0x0201, 0x0202, 0x0203]);
  });

  it('leaves the line alone after a request without an answer, until nothing has come for a while', async () => {
    const { read, clock, line, bus } = scene((_, nth) => (nth === 0 ? { afterMs: 900 } : QUICK));
    await read(BLOCK);
    const asked = clock.monoMs();
    await read({ ...OTHER, count: 2 });
    expect(clock.monoMs() - asked).toBeGreaterThan(1_500);
    expect(line.requests).toHaveLength(2);
    expect(bus.counts).toMatchObject({ timeouts: 1, strays: 1 });
  });

  it.each([
    ['a wrong checksum', { spoil: 'checksum' }, 'wrong checksum'],
    ['an answer of another unit', { spoil: 'unit' }, 'unit 2 instead of 1'],
  ] as const)('does not believe %s', async (_, spoil, reason) => {
    const { read, bus } = scene((__, nth) => (nth === 0 ? { ...QUICK, ...spoil } : QUICK));
    expect(await read(BLOCK)).toEqual({ kind: 'invalid', reason });
    expect(bus.counts.invalid).toBe(1);
    expect(wordsOf(await read(BLOCK))).toEqual([0x0100, 0x0101, 0x0102, 0x0103]);
  });

  it('takes the first of two answers, and waits until the second is over', async () => {
    const { read, bus } = scene((_, nth) => (nth === 0 ? { ...QUICK, spoil: 'twice' } : QUICK));
    await read(BLOCK);
    expect(wordsOf(await read(OTHER))).toEqual([0x0200, 0x0201, 0x0202, 0x0203]);
    expect(bus.counts.strays + bus.counts.invalid).toBeGreaterThan(0);
  });

  it('takes half a frame for no answer', async () => {
    const { read } = scene(() => ({ ...QUICK, spoil: 'half' }));
    expect(await read(BLOCK)).toEqual({ kind: 'timeout' });
  });

  it.each([undefined, 0x90])('hands on an exception, also with the function byte %s', async (exceptionByte) => {
    const { read } = scene(() => ({ ...QUICK, exception: 2, ...(exceptionByte && { exceptionByte }) }));
    expect(await read(BLOCK)).toEqual({ kind: 'exception', code: 2 });
  });

  it('does not believe an exception that may be of an earlier request', async () => {
    const { read } = scene((_, nth) => (nth === 0 ? { afterMs: 900, exception: 2 } : { ...QUICK, spoil: 'silence' }));
    expect(await read(BLOCK)).toEqual({ kind: 'timeout' });
    const outcome = await read({ ...OTHER, count: 2 });
    expect(outcome.kind).not.toBe('exception');
  });

  it('does not believe an exception that comes late, when the answer to the request is still to come', async () => {
    // Late enough to be taken for the answer to the second request, whose own follows.
    const { read } = scene((_, nth) => (nth === 0 ? { afterMs: 2_030, exception: 2 } : { afterMs: 200 }));
    expect(await read(BLOCK)).toEqual({ kind: 'timeout' });
    expect(await read({ ...OTHER, count: 2 })).toMatchObject({ kind: 'invalid' });
    expect(wordsOf(await read({ ...OTHER, count: 2 }))).toEqual([0x0200, 0x0201]);
  });

  it('believes an exception after a lost answer, when nothing follows it', async () => {
    const { read } = scene((_, nth) => (nth === 0 ? { ...QUICK, spoil: 'silence' } : { ...QUICK, exception: 2 }));
    await read(BLOCK);
    expect(await read(OTHER)).toEqual({ kind: 'exception', code: 2 });
    expect(await read({ ...OTHER, count: 2 })).toEqual({ kind: 'exception', code: 2 });
  });

  it('takes a late answer for nothing else when the registers of its probe are not there', async () => {
    const { read } = scene(({ count }, nth) => {
      if (nth === 0) return { afterMs: 2_300 };
      return count === 4 ? QUICK : { ...QUICK, exception: 2 };
    });
    expect(await read(BLOCK)).toEqual({ kind: 'timeout' });
    const tries: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) tries.push(wordsOf(await read(OTHER))[0]);
    expect(tries.filter((first) => first !== undefined && first !== 0x0200)).toEqual([]);
  });

  it('does not believe data of a shape that is owed, not even when its probe was answered with an exception', async () => {
    const { line, clock, read } = scene((_, nth) => {
      if (nth === 0) return { ...QUICK, spoil: 'silence' };
      if (nth === 1) return { ...QUICK, exception: 2 };
      if (nth === 2) void clock.sleep(5).then(() => line.say(rtuAnswer(BLOCK, new Uint8Array(8))));
      return { afterMs: 200 };
    });
    expect(await read(BLOCK)).toEqual({ kind: 'timeout' });
    expect(await read(OTHER)).toEqual({ kind: 'invalid', reason: 'an answer that may be to an earlier request' });
    expect(line.requests.map(({ start, count }) => [start, count])).toEqual([
      [0x0100, 4],
      [0x0200, 3],
      [0x0200, 4],
    ]);
  });

  it('says that a line is never quiet, instead of waiting for ever', async () => {
    const { bus, line, clock, read } = scene(() => QUICK);
    await read(BLOCK);
    const over = new AbortController();
    const chatter = async (): Promise<void> => {
      while (!over.signal.aborted) {
        line.say(Uint8Array.of(0x55));
        await clock.sleep(1_000);
      }
    };
    void chatter();
    const asked = clock.monoMs();
    expect(await read(OTHER)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(/never quiet/) as string,
    });
    expect(clock.monoMs() - asked).toBeLessThan(20_000);
    expect(bus.counts.invalid).toBe(1);
    over.abort();
    await clock.advance(2_000);
    expect(wordsOf(await read(OTHER))[0]).toBe(0x0200);
  });

  it('does not wait longer because of noise at a time when no answer was owed', async () => {
    const { line, clock, read } = scene(() => QUICK);
    await read(BLOCK);
    await clock.advance(60_000);
    line.say(Uint8Array.of(0x55));
    const asked = clock.monoMs();
    await read(OTHER);
    expect(clock.monoMs() - asked).toBeLessThan(2_000);
  });

  it('opens the line anew when nothing at all comes any more', async () => {
    const { line, read } = scene((_, nth) => (nth < 10 ? { ...QUICK, spoil: 'silence' } : QUICK));
    for (let i = 0; i < 10; i++) await read({ ...BLOCK, count: i + 1 });
    expect(line.openings).toBe(1);
    expect(wordsOf(await read({ ...BLOCK, count: 20 }))[0]).toBe(0x0100);
    expect(line.openings).toBe(2);
  });

  it('takes nothing for news of the open line that an earlier opening of it says', async () => {
    const { line, clock, read } = scene(() => QUICK);
    await read(BLOCK);
    const earlier = line.break();
    await read(BLOCK);
    await clock.advance(1_000);
    expect(wordsOf(await read(BLOCK))[0]).toBe(0x0100);
    earlier.onBroken('an error that comes after the end');
    expect(wordsOf(await read(BLOCK))[0]).toBe(0x0100);
  });

  it('stays closed when that was asked for while what is left of an earlier opening was cleared away', async () => {
    const { bus, line } = scene(() => QUICK);
    const cleared = Promise.withResolvers<void>();
    line.cleared = cleared.promise;
    const reading = bus.read(BLOCK);
    await settled();
    const closing = bus.close();
    cleared.resolve();
    await closing;
    expect(await reading).toEqual({ kind: 'down', reason: 'closed' });
    expect(line.openings).toBe(0);
  });

  it('closes at once, although it is just being opened', async () => {
    const { bus, line } = scene(() => QUICK);
    line.hangsOpening = true;
    const reading = bus.read(BLOCK);
    await settled();
    await bus.close();
    expect(await reading).toMatchObject({ kind: 'down' });
  });

  it('comes back after an adapter was unplugged, and asks more and more rarely meanwhile', async () => {
    const { read, line, clock } = scene(() => QUICK);
    await read(BLOCK);
    line.refuseToOpen = true;
    line.break();
    const opened = line.openings;
    for (let second = 0; second < 60; second++) {
      expect((await read(BLOCK)).kind).toBe('down');
      await clock.advance(990);
    }
    expect(line.openings - opened).toBeGreaterThan(3);
    expect(line.openings - opened).toBeLessThan(9);
    line.refuseToOpen = false;
    await clock.advance(60_000);
    expect(wordsOf(await read(BLOCK))[0]).toBe(0x0100);
  });

  it('three devices for ten minutes, with late answers and spoilt ones: no value is of another register or time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 2 }), async (seed) => {
        const clock = new SteppedClock(NOW);
        const roll = dice(seed);
        const device: SimulatedDevice = {
          // The address in the high byte, the second in the low one.
          word: (address) => ((address & 0xff) << 8) | (Math.floor(clock.monoMs() / 1000) & 0xff),
          behave: () => {
            const chance = roll(100);
            if (chance < 5) return { afterMs: 510 + roll(4_000) };
            if (chance < 6) return { ...QUICK, spoil: 'checksum' };
            if (chance < 8) return { afterMs: 20 + roll(100), exception: 6 };
            return { afterMs: 20 + roll(100) };
          },
        };
        const line = new SimulatedLine(clock, new Map([1, 2, 3].map((unit) => [unit, device])));
        const bus = new Bus({ link: line, framing: rtu, gapMs: 100, timeoutMs: 500, clock, log: silentLog });
        const seen = { data: 0, exception: 0, invalid: 0, timeout: 0, down: 0 };
        const wrong: string[] = [];
        let polling = false;
        const poll = async (): Promise<void> => {
          polling = true;
          for (const unit of [1, 2, 3])
            for (const start of [0x10, 0x20, 0x30]) {
              const outcome = await bus.read({ unit, fc: 3, start, count: 6 });
              seen[outcome.kind]++;
              const now = Math.floor(clock.monoMs() / 1000);
              for (const [i, word] of wordsOf(outcome).entries()) {
                // It was read for this very request: at most its timeout ago.
                const ageSeconds = (now - word) & 0xff;
                if (word >> 8 !== start + i || ageSeconds > 1) wrong.push(`${start + i}: ${word}`);
              }
            }
          polling = false;
        };
        for (let second = 0; second < 600; second += 5) {
          if (!polling) void poll();
          await clock.advance(5_000);
        }
        await clock.advance(60_000);
        expect(wrong).toEqual([]);
        expect(polling).toBe(false);
        expect(seen.data).toBeGreaterThan(300);
        expect(seen.timeout + seen.invalid).toBeGreaterThan(5);
      }),
      { numRuns: 20 },
    );
  });
});

/** Numbers below a bound, the same for the same seed (Park and Miller's generator). */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % bound;
  };
}
