import { expect, it } from 'vitest';
import { lookUp } from '../../../src/devices/look-up.ts';
import type { Json } from '../../../src/devices/profile.ts';
import { parseJsonPath } from '../../../src/model/json-path.ts';

it.each([
  ['a.b', 1],
  ['list[1]', 20],
  ['list.length', undefined],
  ['list[2]', undefined],
  ['a.b.c', undefined],
  ['text.length', undefined],
  ['text[0]', undefined],
  ['none.a', undefined],
  ['constructor', undefined],
  ['__proto__', undefined],
  ['a.toString', undefined],
])('%s leads only to what the payload itself holds', (text, expected) => {
  const payload: Json = { a: { b: 1 }, list: [10, 20], text: 'abc', none: null };
  expect(lookUp(payload, parseJsonPath(text))).toBe(expected);
});
