import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../../src/model/time.ts';
import { begin, resumed, seen, type Run } from '../../../../src/queue/work/crash-loop.ts';

/** A machine on which the gateway runs again and again; its monotonic clock begins anew with each boot. */
class Machine {
  runs: readonly Run[] = [];
  #boot = 1;
  #mono = 20 * SECOND;
  #crashed = false;

  get safeForMs(): number {
    return this.runs.at(-1)?.safeForMs ?? 0;
  }

  start(): this {
    this.runs = begin(this.runs, { boot: `boot-${this.#boot}`, startedMono: this.#mono, afterCrash: this.#crashed });
    return this;
  }

  /** It lives so long, and a commit notes it now and then. */
  live(ms: number): this {
    for (let lived = 0; lived < ms; lived += 5 * SECOND) {
      this.#mono += Math.min(5 * SECOND, ms - lived);
      this.runs = seen(this.runs, this.#mono);
    }
    return this;
  }

  resume(): this {
    this.runs = resumed(this.runs, this.#mono);
    return this;
  }

  crash(downMs = 5 * SECOND): this {
    this.#crashed = true;
    this.#mono += downMs;
    return this;
  }

  stop(downMs = 5 * SECOND): this {
    this.#crashed = false;
    this.#mono += downMs;
    return this;
  }

  powerCut(): this {
    this.#crashed = true;
    this.#boot++;
    this.#mono = 20 * SECOND;
    return this;
  }

  crashes(count: number, livedMs: number, end: 'crash' | 'powerCut' = 'crash'): this {
    for (let i = 0; i < count; i++) this.start().live(livedMs)[end]();
    return this;
  }
}

const safe = (): Machine => new Machine().crashes(5, 20 * SECOND).start();
const tried = (): Machine =>
  safe()
    .live(30 * MINUTE)
    .resume();

describe('a crash loop', () => {
  it('ends in safe mode after the fifth crash within ten minutes, not after the fourth', () => {
    expect(new Machine().crashes(4, 20 * SECOND).start().safeForMs).toBe(0);
    expect(new Machine().crashes(5, 20 * SECOND).start().safeForMs).toBe(30 * MINUTE);
  });

  it('is seen whether it began fresh or after a run of weeks', () => {
    const machine = new Machine()
      .start()
      .live(400 * HOUR)
      .crash();
    expect(machine.crashes(4, 20 * SECOND).start().safeForMs).toBe(30 * MINUTE);
  });

  it('is none when the crashes are further apart', () => {
    expect(new Machine().crashes(50, 3 * MINUTE).start().safeForMs).toBe(0);
    expect(new Machine().crashes(50, 2 * MINUTE).start().safeForMs).toBeGreaterThan(0);
  });

  it('is none where somebody stops and starts it', () => {
    const machine = new Machine();
    for (let i = 0; i < 20; i++) machine.start().live(SECOND).stop();
    expect(machine.start().safeForMs).toBe(0);
  });

  it('does not become none by a stop in between', () => {
    const machine = new Machine()
      .crashes(4, 10 * SECOND)
      .start()
      .live(SECOND)
      .stop();
    expect(machine.crashes(1, 10 * SECOND).start().safeForMs).toBe(30 * MINUTE);
  });
});

describe('power cuts', () => {
  it('never lead to safe mode while the machine lives a few minutes between them, whatever the wall clock says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 4 * MINUTE, max: 30 * HOUR }), { maxLength: 30 }), (lives) => {
        const machine = new Machine();
        for (const ms of lives) expect(machine.start().live(ms).powerCut().safeForMs).toBe(0);
        expect(machine.start().safeForMs).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('every minute are a loop like any other', () => {
    expect(new Machine().crashes(5, MINUTE, 'powerCut').start().safeForMs).toBe(30 * MINUTE);
  });

  it('and a kill -9 are never one by themselves', () => {
    expect(new Machine().crashes(1, SECOND, 'powerCut').start().safeForMs).toBe(0);
    expect(new Machine().crashes(1, SECOND).start().safeForMs).toBe(0);
  });

  it('in safe mode do not prolong it: the rest of the half hour is waited for', () => {
    const machine = new Machine()
      .crashes(5, 20 * SECOND)
      .start()
      .live(20 * MINUTE)
      .powerCut()
      .start();
    expect(machine.safeForMs).toBeLessThanOrEqual(11 * MINUTE);
    machine
      .live(9 * MINUTE)
      .powerCut()
      .start();
    expect(machine.safeForMs).toBeLessThanOrEqual(2 * MINUTE);
    expect(machine.safeForMs).toBeGreaterThan(0);
  });
});

describe('safe mode', () => {
  it('comes back at once with a crash soon after sending was tried again, as often as it takes', () => {
    const machine = tried();
    for (let i = 0; i < 5; i++) {
      machine.live(SECOND).crash().start();
      expect(machine.safeForMs).toBe(30 * MINUTE);
      machine.live(30 * MINUTE).resume();
    }
  });

  it('is over when sending went well for ten minutes: a crash from then on is one crash', () => {
    expect(
      tried()
        .live(11 * MINUTE)
        .crash()
        .start().safeForMs,
    ).toBe(0);
  });

  it('is over for who restarts it by hand after the ten minutes, and not before', () => {
    expect(
      safe()
        .live(5 * MINUTE)
        .stop()
        .start().safeForMs,
    ).toBe(30 * MINUTE);
    expect(
      safe()
        .live(10 * MINUTE)
        .stop()
        .start().safeForMs,
    ).toBe(0);
    expect(
      safe()
        .live(MINUTE)
        .stop(10 * MINUTE)
        .start().safeForMs,
    ).toBe(0);
  });

  it('is not left by a crash while nothing was sent', () => {
    expect(
      safe()
        .live(10 * SECOND)
        .crash()
        .start().safeForMs,
    ).toBeGreaterThan(29 * MINUTE);
  });
});

describe('the record', () => {
  it('is written a few times a run and then no more, and stays small', () => {
    const machine = new Machine().crashes(200, 5 * SECOND).start();
    expect(machine.runs.length).toBeLessThanOrEqual(12);
    const steady = new Machine().start().live(15 * MINUTE);
    const { runs } = steady;
    expect(steady.live(100 * HOUR).runs).toBe(runs);
  });
});
