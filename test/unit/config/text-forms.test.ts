import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest } from '../../../src/config/closest.ts';
import { formatDuration, parseDuration } from '../../../src/config/duration.ts';
import { formatSize, parseSize } from '../../../src/config/size.ts';

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['1.5m', 90_000],
    ['24 h', 86_400_000],
    ['7d', 604_800_000],
    ['0s', 0],
    ['10', null],
    ['s', null],
    ['-1s', null],
    ['1 week', null],
    ['1e3s', null],
  ])('read %s as %s ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('are read as they were written', () => {
    expect(fc.check(fc.property(fc.nat(1e9), (ms) => parseDuration(formatDuration(ms)) === ms)).failed).toBe(false);
  });
});

describe('sizes', () => {
  it.each([
    ['64MiB', 67_108_864],
    ['512MB', 512_000_000],
    ['1.5 GiB', 1_610_612_736],
    ['20kb', 20_000],
    ['0B', 0],
    ['64', null],
    ['64M', null],
    ['MB', null],
  ])('read %s as %s bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it('are read as they were written', () => {
    expect(fc.check(fc.property(fc.nat(1e9), (bytes) => parseSize(formatSize(bytes)) === bytes)).failed).toBe(false);
  });
});

describe('the closest word', () => {
  it.each([
    ['pasword', 'password'],
    ['TOPIC', 'topics'],
    ['usrname', 'username'],
    ['banana', undefined],
    ['x', undefined],
  ])('to %s is %s', (word, expected) => {
    expect(closest(word, ['password', 'passwordFile', 'topics', 'username', 'url'])).toBe(expected);
  });
});
