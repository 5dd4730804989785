import { describe, expect, it } from 'vitest';
import { paceOf, timeBetween } from '../../../scripts/bench/pace-of.ts';

describe('the pace', () => {
  it('leaves out the slow start and the slow end', () => {
    const sightings = [
      { atMs: 0, count: 0 },
      { atMs: 9_000, count: 100 },
      { atMs: 10_000, count: 900 },
      { atMs: 19_000, count: 1_000 },
    ];
    expect(paceOf(sightings, 1_000, 0.1, 0.9)).toBeCloseTo(800);
  });

  it('takes what lies between two sightings as steady', () => {
    const sightings = [
      { atMs: 0, count: 0 },
      { atMs: 1_000, count: 400 },
      { atMs: 2_000, count: 1_000 },
    ];
    // 100 after 250 ms, 900 after 1,833 ms.
    expect(paceOf(sightings, 1_000, 0.1, 0.9)).toBeCloseTo(800 / 1.5833, 1);
  });

  it('is no number when not all of it was seen', () => {
    expect(paceOf([{ atMs: 0, count: 100 }], 1_000, 0.1, 0.9)).toBeNaN();
    expect(paceOf([], 1_000, 0.1, 0.9)).toBeNaN();
  });

  it('is known of any stretch between two counts', () => {
    const sightings = [
      { atMs: 0, count: 0 },
      { atMs: 1_000, count: 400 },
      { atMs: 2_000, count: 1_000 },
    ];
    expect(timeBetween(sightings, 200, 700)).toBeCloseTo(1_000);
    expect(timeBetween(sightings, 200, 1_001)).toBeNaN();
  });
});
