import { describe, expect, it } from 'vitest';
import { Bisect } from '../../../src/dispatch/bisect.ts';
import { Doubts } from '../../../src/dispatch/doubts.ts';
import { itemsOf, type Items } from '../../../src/dispatch/items.ts';
import { ColumnsBuilder } from '../../../src/model/reading-columns.ts';
import { accepted, FakeSink, refused } from '../../support/fake-sink.ts';

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

describe('a batch on its way', () => {
  it('renders a request when it is its turn, and what goes well about once', () => {
    const { items, rendered } = counted(50);
    const bisect = new Bisect(items, LIMITS, new Doubts());
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
    const bisect = new Bisect(items, LIMITS, new Doubts());
    expect(bisect.next()?.texts).toHaveLength(8);
    bisect.answer(accepted, 0);
    expect(bisect.next()).toBeNull();
    expect([...bisect.reasons.keys()]).toEqual([4, 9]);
    expect(bisect.fates.filter((fate) => fate === 'dead')).toHaveLength(2);
    expect(bisect.fates.filter((fate) => fate === 'delivered')).toHaveLength(8);
  });

  it('sends what was refused compressed once more as it is', () => {
    const { items, rendered } = counted(3);
    const bisect = new Bisect(items, LIMITS, new Doubts());
    const first = bisect.next();
    bisect.answer(refused(true), 0);
    expect(bisect.next()).toMatchObject({ identity: true, texts: first?.texts });
    expect(rendered).toEqual([0, 1, 2]);
  });

  it('leaves open what was not its turn when the batch ended', () => {
    const { items, rendered } = counted(50);
    const bisect = new Bisect(items, LIMITS, new Doubts());
    bisect.next();
    bisect.answer({ kind: 'retry', cause: 'busy', message: 'later', bytesSent: 0 }, 0);
    expect(bisect.next()).toBeNull();
    expect(bisect.fates.filter((fate) => fate === 'open')).toHaveLength(48);
    expect(rendered.length).toBeLessThan(20);
  });
});
