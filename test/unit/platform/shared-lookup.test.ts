import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { shareLookups } from '../../../src/platform/shared-lookup.ts';

const ALL = { all: true } as const;

/** A resolver that answers when it is told to, and remembers the names it was asked for. */
function resolver(): { lookup: LookupFunction; asked: string[]; answer: (address: string) => void } {
  const asked: string[] = [];
  const open: Parameters<LookupFunction>[2][] = [];
  return {
    lookup: (hostname, _options, callback) => {
      asked.push(hostname);
      open.push(callback);
    },
    asked,
    answer: (address) => open.splice(0).forEach((callback) => callback(null, address, 4)),
  };
}

describe('a shared lookup', () => {
  it('asks once for a name while nobody answers, and tells everybody who waits', () => {
    const { lookup, asked, answer } = resolver();
    const shared = shareLookups(lookup);
    const told: unknown[] = [];
    for (let i = 0; i < 1_000; i++) shared('dynatrace.example', ALL, (_error, address) => told.push(address));
    expect(asked).toEqual(['dynatrace.example']);
    answer('192.0.2.1');
    expect(told).toEqual(Array.from({ length: 1_000 }, () => '192.0.2.1'));
  });

  it('asks again after an answer, and for each name and kind of address of its own', () => {
    const { lookup, asked, answer } = resolver();
    const shared = shareLookups(lookup);
    shared('a.example', ALL, () => undefined);
    shared('b.example', ALL, () => undefined);
    shared('a.example', { family: 4 }, () => undefined);
    answer('192.0.2.1');
    shared('a.example', ALL, () => undefined);
    expect(asked).toEqual(['a.example', 'b.example', 'a.example', 'a.example']);
  });

  it('passes a failure on to everybody', () => {
    const failure = Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' });
    const callbacks: Parameters<LookupFunction>[2][] = [];
    const shared = shareLookups((_hostname, _options, callback) => callbacks.push(callback));
    const errors: unknown[] = [];
    for (let i = 0; i < 2; i++) shared('a.example', ALL, (error) => errors.push(error));
    callbacks[0]?.(failure, '', 4);
    expect(errors).toEqual([failure, failure]);
  });
});
