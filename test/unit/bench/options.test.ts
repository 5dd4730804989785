import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from '../../../scripts/bench/options.ts';

const NAMES = ['intake', 'drain'];

describe('the options of the benchmark', () => {
  it('are one run of every scenario at full size without any argument', () => {
    expect(parseOptions([], NAMES)).toEqual({
      runs: 1,
      only: [],
      quick: false,
      upTo: null,
      json: null,
      fromSource: false,
      help: false,
    });
  });

  it('choose scenarios by name, how often they run, and where the results go', () => {
    expect(parseOptions(['--only', 'drain,intake', '--runs', '3', '--json', 'x.json', '--quick'], NAMES)).toMatchObject(
      {
        only: ['drain', 'intake'],
        runs: 3,
        json: 'x.json',
        quick: true,
      },
    );
  });

  it.each([
    [['--only', 'intake,brew'], 'no scenario brew; there are intake, drain'],
    [['--runs', '0'], '--runs is a whole number from 1 to 100, not 0'],
    [['--runs', 'x'], '--runs is a whole number from 1 to 100, not x'],
    [['--runs', '1.5'], '--runs is a whole number from 1 to 100, not 1.5'],
    [['--up-to', 'all'], '--up-to is a whole number from 1 to 9007199254740991, not all'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuse %j with a sentence', (args, sentence) => {
    expect(() => parseOptions(args, NAMES)).toThrow(sentence);
  });

  it('are all explained, with examples that can be typed', () => {
    const text = usage(NAMES);
    for (const option of ['only', 'runs', 'quick', 'up-to', 'json', 'from-source', 'help'])
      expect(text).toMatch(new RegExp(`^ +--${option}\\b.* {2}\\S`, 'm'));
    const examples = [...text.matchAll(/^ +npm run bench -- (.*)$/gm)].map(([, args = '']) => args.split(' '));
    expect(examples.length).toBeGreaterThan(2);
    for (const args of examples) expect(() => parseOptions(args, [...NAMES, 'card'])).not.toThrow();
  });
});
