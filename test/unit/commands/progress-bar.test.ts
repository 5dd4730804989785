import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { barText, ProgressBar } from '../../../src/commands/progress-bar.ts';

describe('a progress bar', () => {
  it.each([
    [0, '[------------------------]   0 %  x'],
    [0.5, '[############------------]  50 %  x'],
    [1, '[########################] 100 %  x'],
    [7, '[########################] 100 %  x'],
    [Number.NaN, '[------------------------]   0 %  x'],
  ])('at %d is %s', (fraction, text) => {
    expect(barText(fraction, 'x')).toBe(text);
  });

  it('draws over itself, never wider than the terminal, and only what changed', () => {
    const chunks: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string, _, done) => (chunks.push(chunk), done()),
    });
    const bar = new ProgressBar(stream, 20);
    bar.draw(0.5, 'a long label');
    bar.draw(0.5, 'a long label');
    bar.finish();
    bar.finish();
    expect(chunks).toEqual(['\r\u001B[2K[############------', '\n']);
  });
});
