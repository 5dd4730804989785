import { describe, expect, it } from 'vitest';
import { Bisect, type BatchRoute, type Request } from '../../../src/dispatch/bisect.ts';
import { Doubts } from '../../../src/dispatch/doubts.ts';
import { itemsOf, type Items } from '../../../src/dispatch/items.ts';
import { ItemTexts } from '../../../src/model/item-texts.ts';
import type { Partial } from '../../../src/model/outcome.ts';
import { ColumnsBuilder } from '../../../src/model/reading-columns.ts';
import { accepted, busy, FakeSink, refused, type SentItem } from '../../support/fake-sink.ts';
import { settled } from '../../support/stepped-clock.ts';

const LIMITS = { maxItems: 2, maxBytes: 950_000 };

function numbered(count: number): Items {
  const builder = new ColumnsBuilder();
  const origin = { device: 'meter', serial: null, source: 's' };
  for (let i = 0; i < count; i++) builder.add(origin, i, ['power'], [i], i + 1);
  return itemsOf(builder.take(), new FakeSink('raw').metrics, 'raw');
}

/** Two at once, after a batch that went well. */
function smooth(count: number, maxItems: number, compress?: BatchRoute['compress']) {
  const doubts = new Doubts();
  doubts.isSmooth = true;
  const route = { ...LIMITS, maxItems, ...(compress && { compress }) };
  return { bisect: new Bisect(numbered(count), route, doubts, threeTexts()), doubts };
}

function threeTexts(): ItemTexts[] {
  return Array.from({ length: 3 }, () => new ItemTexts('\n'));
}

/** The items of the next request, by number. */
function next(bisect: Bisect): number[] | null {
  const request = bisect.next();
  return request && numbersOf(request);
}

function numbersOf({ texts }: Request): number[] {
  return Array.from(texts, (text) => (JSON.parse(text) as SentItem).at);
}

const allBad: Partial = { kind: 'partial', refused: [{ index: 0, message: 'bad' }], unlisted: 0, bytesSent: 1 };

describe('two requests on their way', () => {
  it('follow each other without an answer, and no third one does', () => {
    const { bisect } = smooth(10, 2);
    expect([next(bisect), next(bisect), next(bisect)]).toEqual([[0, 1], [2, 3], null]);
    bisect.prepare();
    expect(next(bisect)).toBeNull();
    bisect.answer(accepted, 0);
    expect([next(bisect), next(bisect)]).toEqual([[4, 5], null]);
  });

  it('are not, before anything was accepted and while something is doubted', () => {
    const unproven = new Bisect(numbered(10), LIMITS, new Doubts(), threeTexts());
    expect([next(unproven), next(unproven)]).toEqual([[0, 1], null]);
    const { bisect } = smooth(10, 2);
    bisect.next();
    bisect.next();
    bisect.answer(refused(), 0);
    expect(next(bisect)).toBeNull();
  });

  it('have each their own fate, whichever of them is refused', () => {
    for (const answers of [
      [accepted, busy()],
      [busy(), accepted],
    ]) {
      const { bisect } = smooth(6, 2);
      bisect.next();
      bisect.next();
      for (const answer of answers) bisect.answer(answer, 0);
      expect(next(bisect)).toBeNull();
      const fates = answers.flatMap(({ kind }) => Array<string>(2).fill(kind === 'accepted' ? 'delivered' : 'open'));
      expect(bisect.fates).toEqual([...fates, 'open', 'open']);
    }
  });

  it('both refused go on with the first half of the first one', () => {
    const { bisect } = smooth(12, 4);
    bisect.next();
    bisect.next();
    bisect.prepare();
    bisect.answer(refused(), 0);
    bisect.prepare();
    bisect.answer(refused(), 0);
    const seen: number[][] = [];
    for (let numbers = next(bisect); numbers !== null; numbers = next(bisect)) {
      seen.push(numbers);
      bisect.answer(accepted, 0);
    }
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9, 10, 11],
    ]);
  });

  it('say nothing of each other: what was accepted together with a refused item is no proof against that', () => {
    const { bisect } = smooth(2, 1);
    bisect.next();
    bisect.next();
    bisect.answer(refused(), 0);
    bisect.answer(accepted, 0);
    // The server refuses everything since, and is asked for what it took before.
    expect(next(bisect)).toEqual([1]);
    bisect.answer(refused(), 0);
    expect(next(bisect)).toBeNull();
    expect(bisect.stuck).toBe(true);
    expect(bisect.fates).toEqual(['open', 'delivered']);
  });

  it('of which one names everything as bad and the other is accepted let no further one be believed', () => {
    const { bisect, doubts } = smooth(3, 1);
    bisect.next();
    bisect.answer(accepted, 0);
    bisect.next();
    bisect.next();
    bisect.answer(allBad, 0);
    bisect.answer(accepted, 0);
    expect(bisect.fates).toEqual(['delivered', 'dead', 'delivered']);
    expect(doubts.believesTotalRefusal()).toBe(false);
  });

  it('both refused compressed are sent again whole, the first as it is, and the second as that one teaches', () => {
    const { bisect } = smooth(4, 2);
    bisect.next();
    bisect.next();
    bisect.answer(refused(true), 0);
    bisect.prepare();
    bisect.answer(refused(true), 0);
    const again = bisect.next();
    expect(again?.identity).toBe(true);
    expect(again && numbersOf(again)).toEqual([0, 1]);
    bisect.answer(accepted, 0);
    const second = bisect.next();
    expect(second?.identity).toBe(true);
    expect(second && numbersOf(second)).toEqual([2, 3]);
  });

  it('leave what is to be sent uncompressed the first turn, and memory for everything that is prepared', () => {
    const { bisect } = smooth(10, 2);
    bisect.next();
    bisect.next();
    bisect.prepare();
    bisect.answer(refused(true), 0);
    bisect.prepare();
    bisect.answer(accepted, 0);
    const again = bisect.next();
    expect(again?.identity).toBe(true);
    bisect.prepare();
    expect(again && numbersOf(again)).toEqual([0, 1]);
    expect(next(bisect)).toEqual([4, 5]);
  });
});

describe('what is compressed ahead', () => {
  it('fits its texts, and is left out where the request goes uncompressed', async () => {
    const { bisect, doubts } = smooth(9, 3, ({ bytes }) => Promise.resolve(Buffer.from(bytes)));
    bisect.prepare();
    const request = bisect.next();
    expect(await request?.compressed).toEqual(request?.texts.bytes);
    doubts.identity = true;
    expect(bisect.next()).toMatchObject({ identity: true, compressed: null });
  });

  it('and fails for a request that is never sent disturbs nobody', async () => {
    const { bisect } = smooth(9, 3, () => Promise.reject(new Error('no memory')));
    bisect.prepare();
    bisect.next();
    bisect.answer(busy(), 0);
    // An unhandled rejection would fail the test.
    await settled();
    expect(bisect.ended).toBe(true);
  });
});
