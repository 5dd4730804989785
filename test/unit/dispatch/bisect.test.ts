import { describe, expect, it } from 'vitest';
import { Bisect } from '../../../src/dispatch/bisect.ts';
import { Doubts } from '../../../src/dispatch/doubts.ts';
import { itemsOf, type Items } from '../../../src/dispatch/items.ts';
import { ItemTexts } from '../../../src/model/item-texts.ts';
import { ColumnsBuilder } from '../../../src/model/reading-columns.ts';
import { accepted, FakeSink, refused, type SentItem } from '../../support/fake-sink.ts';

const LIMITS = { maxItems: 10, maxBytes: 950_000 };

/** So many items, every fifth of which has no text; tells which were rendered. */
function counted(count: number): { readonly items: Items; readonly rendered: number[] } {
  const builder = new ColumnsBuilder();
  const origin = { device: 'meter', serial: null, source: 's' };
  for (let i = 0; i < count; i++) builder.add(origin, i, [i % 5 === 4 ? 'formless' : 'power'], [i], i + 1);
  const items = itemsOf(builder.take(), new FakeSink('raw').metrics, 'raw');
  const rendered: number[] = [];
  return { items: { ...items, text: (item) => (rendered.push(item), items.text(item)) }, rendered };
}

function bisectOf(items: Items): Bisect {
  return new Bisect(items, LIMITS, new Doubts(), [new ItemTexts('\n'), new ItemTexts('\n')]);
}

describe('a batch on its way', () => {
  it('renders a request when it is its turn, and what goes well about once', () => {
    const { items, rendered } = counted(50);
    const bisect = bisectOf(items);
    expect(rendered).toEqual([]);
    const sizes: number[] = [];
    for (let request = bisect.next(); request !== null; request = bisect.next()) {
      sizes.push(request.texts.length);
      // One more than fits, and those without a text.
      expect(rendered.length).toBeLessThanOrEqual(sizes.length * (LIMITS.maxItems + 1 + LIMITS.maxItems / 4));
      bisect.answer(accepted, 0);
    }
    expect(sizes).toEqual([10, 10, 10, 10]);
    expect(rendered.length).toBeLessThanOrEqual(50 + sizes.length);
  });

  it('sets apart what has no text, with the reason, and sends all else', () => {
    const { items } = counted(10);
    const bisect = bisectOf(items);
    expect(bisect.next()?.texts).toHaveLength(8);
    bisect.answer(accepted, 0);
    expect(bisect.next()).toBeNull();
    expect([...bisect.reasons.keys()]).toEqual([4, 9]);
    expect(bisect.fates.filter((fate) => fate === 'dead')).toHaveLength(2);
    expect(bisect.fates.filter((fate) => fate === 'delivered')).toHaveLength(8);
  });

  it('sends what was refused compressed once more as it is', () => {
    const { items, rendered } = counted(3);
    const bisect = bisectOf(items);
    const first = [...(bisect.next()?.texts ?? [])];
    bisect.answer(refused(true), 0);
    const second = bisect.next();
    expect(second?.identity).toBe(true);
    expect([...(second?.texts ?? [])]).toEqual(first);
    expect(rendered).toEqual([0, 1, 2]);
  });

  it('judges no item alone by a compressed body', () => {
    const bisect = bisectOf(counted(2).items);
    const seen: [number[], boolean | undefined][] = [];
    for (const answer of [refused(true), refused(), refused(true), accepted, accepted]) {
      const request = bisect.next();
      seen.push([devicesOf(request), request?.identity]);
      bisect.answer(answer, 0);
    }
    expect(seen).toEqual([
      [[0, 1], false],
      [[0, 1], true],
      [[0], false],
      [[0], true],
      [[1], true],
    ]);
  });

  it('leaves open what was not its turn when the batch ended', () => {
    const { items, rendered } = counted(50);
    const bisect = bisectOf(items);
    bisect.next();
    bisect.answer({ kind: 'retry', cause: 'busy', message: 'later', bytesSent: 0 }, 0);
    expect(bisect.next()).toBeNull();
    expect(bisect.fates.filter((fate) => fate === 'open')).toHaveLength(48);
    expect(rendered.length).toBeLessThan(20);
  });

  it('prepares one request while another is on its way, and leaves that one as it is', () => {
    const { items, rendered } = counted(50);
    const bisect = bisectOf(items);
    const first = bisect.next();
    const texts = [...(first?.texts ?? [])];
    bisect.prepare();
    const ahead = rendered.length;
    bisect.prepare();
    expect(rendered).toHaveLength(ahead);
    expect([...(first?.texts ?? [])]).toEqual(texts);
    bisect.answer(accepted, 0);
    expect(devicesOf(bisect.next())).toEqual([12, 13, 15, 16, 17, 18, 20, 21, 22, 23]);
    expect(rendered).toHaveLength(ahead);
  });

  it('goes back to what was refused, whatever was prepared', () => {
    const { items } = counted(50);
    const bisect = bisectOf(items);
    const seen: (readonly number[])[] = [];
    for (const answer of [refused(true), refused(), accepted, accepted, accepted, accepted, accepted]) {
      const request = bisect.next();
      bisect.prepare();
      seen.push(devicesOf(request));
      bisect.answer(answer, 0);
    }
    expect(seen.slice(0, 4)).toEqual([seen[1], seen[0], seen[0]?.slice(0, 5), seen[0]?.slice(5)]);
    expect(seen.slice(2).flat()).toEqual(Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 5 !== 4));
    expect(bisect.next()).toBeNull();
  });

  it('sends nothing more after a retry, although it is prepared', () => {
    const { items } = counted(50);
    const bisect = bisectOf(items);
    bisect.next();
    bisect.prepare();
    bisect.answer({ kind: 'retry', cause: 'busy', message: 'later', bytesSent: 0 }, 0);
    expect(bisect.next()).toBeNull();
    expect(bisect.fates.filter((fate) => fate === 'open')).toHaveLength(45);
  });
});

/** The items of a request, by number. */
function devicesOf(request: ReturnType<Bisect['next']>): number[] {
  return Array.from(request?.texts ?? [], (text) => (JSON.parse(text) as SentItem).at);
}
