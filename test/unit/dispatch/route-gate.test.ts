import { describe, expect, it } from 'vitest';
import { RouteGate, type Rank } from '../../../src/dispatch/route-gate.ts';
import { MINUTE } from '../../../src/model/time.ts';
import { busy, unauthorised, unreachable } from '../../support/fake-sink.ts';
import { settled, SteppedClock } from '../../support/stepped-clock.ts';

function gateOn(clock: SteppedClock, now = () => clock.wallMs()): RouteGate {
  return new RouteGate({ machineClock: clock, now, random: () => 0.5, onChange: () => undefined });
}

const never = new AbortController().signal;

describe('a route gate', () => {
  it('admits one at a time until something worked, the freshest first, then everybody', async () => {
    const clock = new SteppedClock(0);
    const gate = gateOn(clock);
    const admitted: Rank[] = [];
    const first = await gate.enter(2, never);
    const waiting = ([1, 2, 0] as const).map(async (rank) => {
      const pass = await gate.enter(rank, never);
      admitted.push(rank);
      return pass;
    });
    await settled();
    expect(admitted).toEqual([]);
    if (first !== null) gate.leave(first);
    await settled();
    expect(admitted).toEqual([0]);
    gate.worked(clock.monoMs(), 'items');
    await Promise.all(waiting);
    expect(new Set(admitted)).toEqual(new Set([0, 1, 2]));
  });

  it('keeps its back-off on the monotonic clock, whatever the wall clock does', async () => {
    const clock = new SteppedClock(0);
    let wall = 0;
    const gate = gateOn(clock, () => wall);
    gate.failed(busy(5 * MINUTE), clock.monoMs());
    wall = 1e13;
    let entered = false;
    const entering = gate.enter(0, never).then(() => {
      entered = true;
    });
    await clock.advance(5 * MINUTE - 1);
    expect(entered).toBe(false);
    await clock.advance(2);
    await entering;
    expect(entered).toBe(true);
  });

  it('is not opened by the answer to a request from before the failure', () => {
    const clock = new SteppedClock(0);
    const gate = gateOn(clock);
    gate.worked(clock.monoMs(), 'items');
    const sentMono = clock.monoMs() - 10;
    gate.failed(busy(5 * MINUTE), clock.monoMs());
    gate.worked(sentMono, 'items');
    expect(gate.state).toBe('retrying');
    gate.failed(unreachable, clock.monoMs());
    expect(gate.nextAttemptAt).toBe(5 * MINUTE);
  });

  it('counts requests that fail together as one failure, and one that was sent since as another', async () => {
    const clock = new SteppedClock(0);
    const gate = gateOn(clock);
    /** Half of what full jitter may draw: two seconds at first, doubled with every failure. */
    const waits: number[] = [];
    const fail = async (sentMono: number): Promise<void> => {
      await clock.advance(1);
      gate.failed(busy(), sentMono);
      waits.push((gate.nextAttemptAt ?? 0) - clock.wallMs());
    };
    const together = clock.monoMs();
    for (let i = 0; i < 3; i++) await fail(together);
    expect(waits).toEqual([1_000, 1_000, 1_000]);
    await fail(clock.monoMs());
    expect(waits.at(-1)).toBe(2_000);
    await fail(together);
    expect(waits.at(-1)).toBe(2_000);
    expect(gate.lastError).toMatchObject({ at: clock.wallMs(), message: 'Too many requests' });
  });

  it('is not opened by health alone while readings are refused', () => {
    const clock = new SteppedClock(0);
    const gate = gateOn(clock);
    gate.refusing(400, 'no');
    gate.worked(clock.monoMs(), 'health');
    expect(gate.state).toBe('blocked');
    gate.worked(clock.monoMs(), 'items');
    expect(gate).toMatchObject({ state: 'ok', lastError: null, hint: null, nextAttemptAt: null });
  });

  it('says that a certificate of another time is a clock problem', () => {
    const gate = gateOn(new SteppedClock(0));
    gate.failed({ ...unreachable, cause: 'clock', message: 'certificate is not yet valid' }, 0);
    expect(gate.hint).toContain('clock problem');
  });

  it('ends a wait for credentials when a secret has changed, but not a Retry-After', async () => {
    const clock = new SteppedClock(0);
    const gate = gateOn(clock);
    gate.failed(unauthorised, clock.monoMs());
    gate.tryNow();
    expect(await gate.enter(0, never)).toEqual({ probe: true });
    const other = gateOn(clock);
    other.failed(busy(MINUTE), clock.monoMs());
    other.tryNow();
    expect(other.nextAttemptAt).toBe(MINUTE);
  });

  it('lets nobody wait who was told to stop', async () => {
    const gate = gateOn(new SteppedClock(0));
    gate.failed(unauthorised, 0);
    const stop = new AbortController();
    const entering = gate.enter(0, stop.signal);
    stop.abort();
    expect(await entering).toBeNull();
  });
});
