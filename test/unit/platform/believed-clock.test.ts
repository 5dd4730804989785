import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';
import { BelievedClock } from '../../../src/platform/believed-clock.ts';
import { silentLog } from '../../support/silent-log.ts';
import { TwoClocks } from '../../support/two-clocks.ts';

const BUILT = Date.UTC(2026, 10, 1);
const TRUE_TIME = Date.UTC(2026, 10, 20, 14);
const TWO_WEEKS = 14 * DAY;

/** A machine whose wall clock is off by `error`, and what it should believe. */
function machine(error: number, newestStored: number | null = null) {
  const clocks = new TwoClocks(TRUE_TIME + error);
  const startMono = clocks.monoMs();
  const believed = new BelievedClock({ clock: clocks, buildDate: BUILT, newestStored, log: silentLog });
  const trueNow = (): number => TRUE_TIME + (clocks.monoMs() - startMono);
  const serverSays = (error = 0): void => believed.observeServerDate('dynatrace', trueNow() + error, clocks.monoMs());
  const confirmations: { wallMs: number; monoMs: number; corrected: boolean }[] = [];
  believed.onConfirmed((pair) => {
    confirmations.push(pair);
    return Promise.resolve();
  });
  return { clocks, believed, trueNow, serverSays, confirmations };
}

describe('before confirmation', () => {
  it('shows the wall clock and calls itself unconfirmed', () => {
    const { believed, clocks } = machine(-3 * HOUR);
    clocks.pass(MINUTE);
    expect([believed.now(), believed.state, believed.offsetMs, believed.confirmedBy]).toEqual([
      clocks.wallMs(),
      'unconfirmed',
      0,
      null,
    ]);
  });

  it.each([
    [0, 0],
    [-HOUR, HOUR],
  ])('has a steady offset although time passes between two readings, off by %d ms', (error, offset) => {
    const { believed, clocks, serverSays } = machine(error);
    vi.spyOn(clocks, 'wallMs').mockImplementation(() => {
      clocks.pass(1);
      return TRUE_TIME + error + (clocks.monoMs() - 5_000.25);
    });
    expect(believed.offsetMs).toBe(0);
    serverSays();
    const first = believed.offsetMs;
    expect(Math.abs(first - offset)).toBeLessThan(5);
    expect([believed.offsetMs, believed.offsetMs]).toEqual([first, first]);
  });

  it('is confirmed as it is by a server date within two minutes', () => {
    const { believed, confirmations, serverSays } = machine(0);
    serverSays(119 * SECOND);
    expect([believed.state, believed.offsetMs, believed.confirmedBy]).toEqual(['confirmed', 0, 'dynatrace']);
    expect(confirmations.map(({ corrected }) => corrected)).toEqual([false]);
  });

  it.each([-TWO_WEEKS, TWO_WEEKS, -HOUR, HOUR, -121 * SECOND, 121 * SECOND, -(TRUE_TIME - 3 * HOUR)])(
    'is corrected by the first server date when the wall clock is off by %d ms, 1970 included',
    (error) => {
      const { believed, confirmations, serverSays, trueNow, clocks } = machine(error);
      believed.now();
      clocks.pass(10 * MINUTE);
      serverSays();
      expect(believed.now()).toBe(trueNow());
      expect([believed.state, believed.offsetMs]).toEqual(['corrected', -error]);
      expect(confirmations).toEqual([{ wallMs: trueNow(), monoMs: clocks.monoMs(), corrected: true }]);
    },
  );

  it('estimates the wall clock at the instant of the answer, not of the call', () => {
    const { believed, clocks, trueNow } = machine(0);
    const [at, mono] = [trueNow(), clocks.monoMs()];
    clocks.pass(5 * MINUTE);
    believed.observeServerDate('dynatrace', at, mono);
    expect(believed.state).toBe('confirmed');
  });

  it('does not believe time synchronisation while the wall clock is before the build, and asks again', () => {
    const { believed, clocks } = machine(-(TRUE_TIME - HOUR));
    expect(believed.timeSynchronised('timesyncd')).toBe(false);
    expect(believed.state).toBe('unconfirmed');
    clocks.step(TRUE_TIME - HOUR);
    expect(believed.timeSynchronised('timesyncd')).toBe(true);
    expect([believed.state, believed.confirmedBy]).toEqual(['confirmed', 'timesyncd']);
  });

  it('does not believe time synchronisation while the wall clock is before the newest stored time', () => {
    const { believed } = machine(-HOUR, TRUE_TIME - MINUTE);
    expect(believed.timeSynchronised('timesyncd')).toBe(false);
  });

  it('lets a stored time be two minutes ahead, as far as a device time is trusted', () => {
    const { believed } = machine(0, TRUE_TIME + 119 * SECOND);
    expect(believed.timeSynchronised('timesyncd')).toBe(true);
  });

  it('does not believe a server date from before the build', () => {
    const { believed, serverSays } = machine(0);
    serverSays(-(TRUE_TIME - DAY));
    expect(believed.state).toBe('unconfirmed');
  });

  it('asks for a correction of the readings when the wall clock was stepped under them, though it is right by now', () => {
    const { believed, clocks, confirmations } = machine(-HOUR);
    believed.now();
    clocks.pass(MINUTE);
    clocks.step(HOUR);
    expect(believed.timeSynchronised('timesyncd')).toBe(true);
    expect(believed.state).toBe('confirmed');
    expect(confirmations).toEqual([{ wallMs: clocks.wallMs(), monoMs: clocks.monoMs(), corrected: true }]);
  });
});

describe('after confirmation', () => {
  it('follows the wall clock while it is slewed', () => {
    const { believed, clocks } = machine(0);
    believed.timeSynchronised('timesyncd');
    for (let i = 0; i < 100; i++) {
      clocks.pass(MINUTE);
      clocks.step(-1.9 * SECOND);
      expect(believed.now()).toBe(Math.round(clocks.wallMs()));
    }
    expect(believed.state).toBe('confirmed');
  });

  it.each([-TWO_WEEKS, TWO_WEEKS, -HOUR, HOUR, -TRUE_TIME, 3 * SECOND])(
    'does not believe a step of the wall clock by %d ms',
    (step) => {
      const { believed, clocks, serverSays, trueNow } = machine(0);
      serverSays();
      clocks.step(step);
      clocks.pass(MINUTE);
      expect(believed.now()).toBe(trueNow());
      expect([believed.state, believed.offsetMs]).toEqual(['corrected', -step]);
      serverSays();
      expect(believed.now()).toBe(trueNow());
    },
  );

  it('adopts a corrected wall clock once a server date agrees with it', () => {
    const { believed, clocks, serverSays, trueNow } = machine(-TWO_WEEKS);
    serverSays();
    clocks.step(TWO_WEEKS);
    clocks.pass(MINUTE);
    expect(believed.now()).toBe(trueNow());
    expect(believed.state).toBe('corrected');
    serverSays();
    expect([believed.now(), believed.state, believed.offsetMs]).toEqual([trueNow(), 'confirmed', 0]);
  });

  it('adopts a corrected wall clock once time is synchronised', () => {
    const { believed, clocks, serverSays } = machine(-TWO_WEEKS);
    serverSays();
    clocks.step(TWO_WEEKS);
    expect(believed.timeSynchronised('chrony')).toBe(true);
    expect([believed.state, believed.confirmedBy]).toEqual(['confirmed', 'chrony']);
  });

  it('keeps a synchronised clock when a proxy says something else', () => {
    const { believed, serverSays, trueNow } = machine(0);
    believed.timeSynchronised('timesyncd');
    serverSays(-TWO_WEEKS);
    serverSays(TWO_WEEKS);
    expect([believed.now(), believed.state]).toEqual([trueNow(), 'confirmed']);
  });

  it('recovers from a first server date that was wrong, as soon as one agrees with the wall clock', () => {
    const { believed, serverSays, trueNow } = machine(0);
    serverSays(TWO_WEEKS);
    expect(believed.state).toBe('corrected');
    serverSays();
    expect([believed.now(), believed.state]).toEqual([trueNow(), 'confirmed']);
  });

  it('believes the wall clock again when it comes back', () => {
    const { believed, clocks, trueNow } = machine(0);
    believed.timeSynchronised('timesyncd');
    clocks.step(HOUR);
    believed.now();
    clocks.step(-HOUR);
    expect([believed.now(), believed.state]).toEqual([trueNow(), 'confirmed']);
  });

  it('confirms only once', () => {
    const { believed, clocks, confirmations, serverSays } = machine(-HOUR);
    serverSays();
    clocks.step(HOUR);
    serverSays();
    believed.timeSynchronised('timesyncd');
    expect(confirmations).toHaveLength(1);
  });
});

describe('whatever the wall clock does', () => {
  const step = fc.oneof(fc.integer({ min: -TWO_WEEKS, max: TWO_WEEKS }), fc.integer({ min: -3_000, max: 3_000 }));
  const moves = fc.array(fc.record({ step, pass: fc.integer({ min: 0, max: HOUR }) }), { maxLength: 30 });

  it('never goes back by more than the slew once it is confirmed', () => {
    fc.assert(
      fc.property(step, moves, (error, list) => {
        const { believed, clocks, serverSays } = machine(error);
        serverSays();
        let before = believed.now();
        for (const { step, pass } of list) {
          clocks.pass(pass);
          clocks.step(step);
          const now = believed.now();
          expect(Math.abs(now - before - pass)).toBeLessThanOrEqual(2_001);
          before = now;
        }
      }),
    );
  });

  it('is within two minutes of the truth after every true server date, however often it was stepped', () => {
    fc.assert(
      fc.property(step, moves, (error, list) => {
        const { believed, clocks, serverSays, trueNow } = machine(error);
        serverSays();
        for (const { step, pass } of list) {
          clocks.pass(pass);
          clocks.step(step);
          believed.now();
          serverSays();
          expect(Math.abs(believed.now() - trueNow())).toBeLessThanOrEqual(2 * MINUTE);
        }
      }),
    );
  });

  it('says an offset that leads from the wall clock to the believed time', () => {
    fc.assert(
      fc.property(step, moves, (error, list) => {
        const { believed, clocks, serverSays } = machine(error);
        for (const [i, { step, pass }] of list.entries()) {
          clocks.pass(pass);
          clocks.step(step);
          if (i === 2) serverSays();
          expect(clocks.wallMs() + believed.offsetMs).toBe(believed.now());
        }
      }),
    );
  });
});

describe('waiting for the confirmation', () => {
  it('ends only when the listener is done', async () => {
    const { believed } = machine(0);
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    believed.onConfirmed(async () => {
      await gate.promise;
      order.push('listener');
    });
    const waiting = believed.confirmed().then(() => order.push('confirmed'));
    believed.timeSynchronised('timesyncd');
    gate.resolve();
    await waiting;
    expect(order).toEqual(['listener', 'confirmed']);
    await believed.confirmed();
  });

  it('ends when the signal is aborted', async () => {
    const { believed } = machine(0);
    const stopping = new AbortController();
    const waiting = believed.confirmed(stopping.signal);
    stopping.abort();
    await waiting;
    await believed.confirmed(stopping.signal);
    expect(believed.state).toBe('unconfirmed');
  });

  it('fails when a listener does', async () => {
    const { believed } = machine(0);
    believed.onConfirmed(() => Promise.reject(new Error('disk full')));
    believed.timeSynchronised('timesyncd');
    await expect(believed.confirmed()).rejects.toThrow('disk full');
  });

  it('tells a listener that comes late', () => {
    const { believed } = machine(0);
    believed.timeSynchronised('timesyncd');
    const late: boolean[] = [];
    believed.onConfirmed(({ corrected }) => {
      late.push(corrected);
      return Promise.resolve();
    });
    expect(late).toEqual([false]);
  });
});
