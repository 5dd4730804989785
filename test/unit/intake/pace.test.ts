import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/intake/pace.ts';

const LINGER = 1_000;

describe('what a source has brought is due', () => {
  it('never while there is nothing', () => {
    expect(new Pace(LINGER).dueMono(256)).toBe(Infinity);
  });

  it('at linger after the first message, however many follow slowly', () => {
    const pace = new Pace(LINGER);
    pace.arrived(5_000, true);
    pace.arrived(5_900, true);
    expect(pace.dueMono(256)).toBe(6_000);
    expect(pace.dueMono(null)).toBe(6_000);
  });

  it('at once at half the window, which only messages that wait for us fill', () => {
    const pace = new Pace(LINGER);
    for (let i = 0; i < 500; i++) pace.arrived(5_000, false);
    for (let i = 0; i < 127; i++) pace.arrived(5_000, true);
    expect(pace.dueMono(256)).toBe(6_000);
    pace.arrived(5_000, true);
    expect(pace.dueMono(256)).toBe(-Infinity);
  });

  it('at once for every message of a broker whose window is one', () => {
    const pace = new Pace(LINGER);
    pace.arrived(5_000, true);
    expect(pace.dueMono(1)).toBe(-Infinity);
  });

  it('25 ms after the last message once two groups in a row began right after our acknowledgements', () => {
    const pace = new Pace(LINGER);
    expect(group(pace, 0)).toBe(1_000);
    expect(group(pace, 1_020)).toBe(2_020);
    expect(group(pace, 2_040)).toBe(2_065);
    expect(group(pace, 2_070)).toBe(2_095);
  });

  it('at linger again after a group that began later', () => {
    const pace = new Pace(LINGER);
    for (const at of [0, 1_020, 2_040]) group(pace, at);
    expect(group(pace, 2_065 + 26)).toBe(2_091 + LINGER);
    expect(group(pace, 2_091 + LINGER + 5)).toBe(2_096 + 2 * LINGER);
  });

  it('never later than linger, even in a burst that does not pause', () => {
    const pace = new Pace(LINGER);
    for (const at of [0, 1_020, 2_040]) group(pace, at);
    for (let at = 2_070; at <= 3_060; at += 10) pace.arrived(at, true);
    expect(pace.dueMono(65_535)).toBe(3_070);
  });

  it('at linger for QoS 0, which nobody waits for', () => {
    const pace = new Pace(LINGER);
    let at = 0;
    for (let i = 0; i < 5; i++) {
      pace.arrived(at, false);
      expect(pace.dueMono(256)).toBe(at + LINGER);
      pace.taken();
      at += LINGER;
      pace.acknowledged(at);
      at += 5;
    }
  });
});

/** One message at an instant; committed and acknowledged when it is due. Returns that instant. */
function group(pace: Pace, at: number): number {
  pace.arrived(at, true);
  const due = pace.dueMono(256);
  pace.taken();
  pace.acknowledged(due);
  return due;
}
