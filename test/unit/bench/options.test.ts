import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../scripts/bench/options.ts';

const NAMES = ['intake', 'drain'];

describe('the options of the benchmark', () => {
  it('are one run of every scenario without any argument', () => {
    expect(parseOptions([], NAMES)).toEqual({
      runs: 1,
      only: [],
      json: false,
      out: null,
      raw: false,
      cardSeconds: 60,
      fromSource: false,
      help: false,
    });
  });

  it('choose scenarios by name', () => {
    expect(parseOptions(['--only', 'drain,intake', '--runs', '3'], NAMES)).toMatchObject({
      only: ['drain', 'intake'],
      runs: 3,
    });
  });

  it.each([
    [['--only', 'intake,brew'], 'no scenario brew; there are intake, drain'],
    [['--runs', '0'], '--runs is a whole number from 1 to 100, not 0'],
    [['--runs', 'x'], '--runs is a whole number from 1 to 100, not x'],
    [['--card-seconds', '1.5'], '--card-seconds is a whole number from 1 to 3600, not 1.5'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuse %j with a sentence', (args, sentence) => {
    expect(() => parseOptions(args, NAMES)).toThrow(sentence);
  });
});
