import { expect, it } from 'vitest';
import { SECOND } from '../../../../src/model/time.ts';
import { AppendRhythm } from '../../../../src/queue/thread/append-rhythm.ts';

it('expects an append after as long as the last one took, and a fifth of it', () => {
  const rhythm = new AppendRhythm();
  expect(rhythm.expectedMono).toBe(-Infinity);
  rhythm.appended(0);
  expect(rhythm.expectedMono).toBe(-Infinity);
  rhythm.appended(5 * SECOND);
  expect(rhythm.expectedMono).toBe(11 * SECOND);
  rhythm.appended(6 * SECOND);
  expect(rhythm.expectedMono).toBe(7.2 * SECOND);
});

it('expects none where they are far apart', () => {
  const rhythm = new AppendRhythm();
  rhythm.appended(0);
  rhythm.appended(30 * SECOND);
  expect(rhythm.expectedMono).toBe(-Infinity);
});
