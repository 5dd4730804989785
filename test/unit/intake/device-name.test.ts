import { describe, expect, it } from 'vitest';
import { deviceNaming } from '../../../src/intake/device-name.ts';

describe('a device is named', () => {
  it.each([
    ['grid-meter', 'any/topic', 'grid-meter'],
    ['{2}', 'tele/plug/SENSOR', 'plug'],
    ['{1}-{3}', 'a/b/c', 'a-c'],
    ['meter {2}', 'a/b', 'meter b'],
    ['{2}', 'tele', null],
    ['{2}', 'tele//SENSOR', null],
    ['{0}', 'a/b', null],
    ['x{9}', 'a/b', null],
    ['{x}', 'a/b', '{x}'],
    ['', 'a', null],
    ['{1}', 'a\u0007\nb', 'a b'],
    ['{1}', '\u0001/b', null],
  ])('by %j for the topic %j: %j', (template, topic, name) => {
    const naming = deviceNaming(template);
    expect(naming(topic)).toBe(name);
    expect(naming(topic)).toBe(name);
  });

  it('in at most 250 characters, never with half a character at the end', () => {
    expect(deviceNaming('{1}')('x'.repeat(300))).toHaveLength(250);
    expect(deviceNaming('{1}')('x'.repeat(249) + '😀')?.isWellFormed()).toBe(true);
    expect(deviceNaming('{1}{1}')('y'.repeat(200))).toHaveLength(250);
  });

  it('rightly for any number of topics', () => {
    const naming = deviceNaming('{1}');
    for (let i = 0; i < 3_000; i++) expect(naming(`t${i}/x`)).toBe(`t${i}`);
    expect(naming('t0/x')).toBe('t0');
  });
});
