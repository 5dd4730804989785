import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../src/devices/profile.ts';
import { decodeWith } from '../../../support/payload-profile.ts';

function holds(condition: string, node: { readonly [key: string]: Json }): boolean {
  const rule = `{ at: node, when: [${condition}], fields: { pv.power: { path: p } } }`;
  return typeof decodeWith(rule, { node: { ...node, p: 1 }, code: 0 }) !== 'string';
}

describe('a condition', () => {
  it.each<[string, { readonly [key: string]: Json }, boolean]>([
    ['{ path: a, equals: true }', { a: true }, true],
    ['{ path: a, equals: true }', { a: 'true' }, false],
    ['{ path: a, equals: null }', { a: null }, true],
    ['{ path: a, equals: null }', {}, false],
    ['{ path: a, not: 5 }', { a: 6 }, true],
    ['{ path: a, not: 5 }', { a: 5 }, false],
    ['{ path: a, not: 5 }', {}, true],
    ['{ path: a, present: true }', { a: null }, true],
    ['{ path: a, present: true }', {}, false],
    ['{ path: a, present: false }', {}, true],
    ['{ path: a, present: false }', { A: 1 }, false],
    ['{ path: a, above: 10 }', { a: 11 }, true],
    ['{ path: a, above: 10 }', { a: 10 }, false],
    ['{ path: a, above: 10 }', { a: '11' }, false],
    ['{ path: a, above: 10 }', {}, false],
    ['{ path: a, below: 10 }', { a: 9 }, true],
    ['{ path: a, below: 10 }', { a: 10 }, false],
    ['{ path: a, below: 10 }', {}, false],
    ['{ path: a, above: 1, below: 3 }', { a: 2 }, true],
    ['{ path: a, above: 1, below: 3 }', { a: 3 }, false],
    ['{ path: a, present: true }, { path: b, equals: 1 }', { a: 1, b: 2 }, false],
    ['{ path: $.code, equals: 0 }', {}, true],
    ['{ path: $.node.a, equals: 4 }', { a: 4 }, true],
    ['{ path: code, equals: 0 }', {}, false],
  ])('%s of %j', (condition, node, expected) => {
    expect(holds(condition, node)).toBe(expected);
  });

  it('of a field makes a gap of that field alone', () => {
    const rule = 'fields: { pv.power: { path: p, when: [{ path: ok, equals: true }] }, battery.soc: { path: s } }';
    expect(decodeWith(rule, { p: 0, s: 5, ok: true })).toEqual({ d: { 'pv.power': 0, 'battery.soc': 5 } });
    expect(decodeWith(rule, { p: 0, s: 5, ok: false })).toEqual({ d: { 'battery.soc': 5 } });
    expect(decodeWith(rule, { p: 'x', s: 5, ok: false })).toEqual({ d: { 'battery.soc': 5 } });
  });
});
