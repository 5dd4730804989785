import { describe, expect, it } from 'vitest';
import { Bisect } from '../../../src/dispatch/bisect.ts';
import { Doubts } from '../../../src/dispatch/doubts.ts';
import { itemsOf } from '../../../src/dispatch/items.ts';
import type { RouteChannel } from '../../../src/dispatch/route-channel.ts';
import { sendBatch, type BatchSending } from '../../../src/dispatch/send-batch.ts';
import { ItemTexts } from '../../../src/model/item-texts.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import { ColumnsBuilder } from '../../../src/model/reading-columns.ts';
import type { HealthSample, SendOptions } from '../../../src/sinks/sink.ts';
import { accepted, busy, FakeSink, refused, unreachable, type SentItem } from '../../support/fake-sink.ts';
import { settled } from '../../support/stepped-clock.ts';

const HEALTH: readonly HealthSample[] = [{ key: 'gateway.queue.pending', value: 1, dimensions: {} }];

interface Asked extends PromiseWithResolvers<Outcome> {
  readonly items: readonly number[];
  readonly options: SendOptions;
}

/** A batch of single items, two of them at once; the test answers. */
class Scene {
  readonly asked: Asked[] = [];
  readonly bisect: Bisect;
  readonly answers: [kind: string, hadHealth: boolean][] = [];
  readonly ended: Promise<Outcome | null>;
  isOver = false;
  mayContinue = true;
  readonly #stop = new AbortController();

  private constructor(items: number, changes: Partial<BatchSending> = {}) {
    const sink = new FakeSink('raw');
    const builder = new ColumnsBuilder();
    for (let i = 0; i < items; i++)
      builder.add({ device: 'meter', serial: null, source: 's' }, i, ['power'], [i], i + 1);
    const doubts = new Doubts();
    doubts.isSmooth = true;
    const texts = Array.from({ length: 3 }, () => new ItemTexts('\n'));
    const limits = { maxItems: 1, maxBytes: 1_000 };
    this.bisect = new Bisect(itemsOf(builder.take(), sink.metrics, 'raw'), limits, doubts, texts);
    const channel: Pick<RouteChannel, 'route' | 'send'> = {
      route: sink.metrics,
      send: (sent, options) => {
        const asked = { ...Promise.withResolvers<Outcome>(), items: numbersOf(sent), options };
        this.asked.push(asked);
        options.signal.addEventListener('abort', () => asked.resolve(unreachable));
        return asked.promise;
      },
    };
    this.ended = sendBatch(this.bisect, {
      channel: channel as RouteChannel,
      atOnce: 2,
      health: null,
      signal: this.#stop.signal,
      mayContinue: () => this.mayContinue,
      clock: { monoMs: () => 0 },
      now: () => 0,
      onAnswer: ({ kind }, hadHealth) => this.answers.push([kind, hadHealth]),
      ...changes,
    }).finally(() => (this.isOver = true));
    // The test that waits for it hears of its failure.
    this.ended.catch(() => undefined);
  }

  /** Resolves when it sends no more without an answer. */
  static async begun(items: number, changes: Partial<BatchSending> = {}): Promise<Scene> {
    const scene = new Scene(items, changes);
    await settled();
    return scene;
  }

  /** Answers the request with this item, and lets that have its effect. */
  async answer(item: number, outcome: Outcome | Error): Promise<void> {
    const asked = this.asked.findLast(({ items }) => items.includes(item));
    if (outcome instanceof Error) asked?.reject(outcome);
    else asked?.resolve(outcome);
    await settled();
  }

  stop(): void {
    this.mayContinue = false;
    this.#stop.abort();
  }

  get items(): number[] {
    return this.asked.flatMap(({ items }) => items);
  }
}

function numbersOf(texts: ItemTexts): number[] {
  return Array.from(texts, (text) => (JSON.parse(text) as SentItem).at);
}

describe('two requests of a batch on their way', () => {
  it('are answered in their order, whichever answer comes first', async () => {
    const scene = await Scene.begun(3);
    expect(scene.items).toEqual([0, 1]);
    await scene.answer(1, refused());
    expect([scene.items, scene.answers]).toEqual([[0, 1], []]);
    await scene.answer(0, accepted);
    expect(scene.answers.map(([kind]) => kind)).toEqual(['accepted', 'refused']);
    expect(scene.bisect.fates).toEqual(['delivered', 'open', 'open']);
    // What was on its way together with the refused one proves nothing, and is sent again for that.
    for (let i = 0; i < 2; i++) await scene.answer(2, accepted);
    await scene.answer(1, refused());
    expect(scene.items).toEqual([0, 1, 2, 2, 1]);
    expect(await scene.ended).toMatchObject({ kind: 'refused' });
    expect(scene.bisect.fates).toEqual(['delivered', 'dead', 'delivered']);
  });

  it('are followed by the next one as soon as the older one is accepted', async () => {
    const scene = await Scene.begun(4);
    await scene.answer(0, accepted);
    expect(scene.items).toEqual([0, 1, 2]);
    await scene.answer(2, accepted);
    expect(scene.items).toEqual([0, 1, 2]);
    await scene.answer(1, accepted);
    expect(scene.items).toEqual([0, 1, 2, 3]);
    await scene.answer(3, accepted);
    expect(await scene.ended).toMatchObject({ kind: 'accepted' });
  });

  it('keep what was accepted, although the second one failed, and end the batch', async () => {
    const scene = await Scene.begun(3);
    // As the route's gate has it.
    scene.mayContinue = false;
    await scene.answer(1, busy());
    expect(scene.isOver).toBe(false);
    await scene.answer(0, accepted);
    expect(await scene.ended).toMatchObject({ kind: 'retry' });
    expect([scene.items, scene.bisect.fates]).toEqual([
      [0, 1],
      ['delivered', 'open', 'open'],
    ]);
  });

  it.each([
    ['accepted', accepted, 'delivered'],
    ['refused', refused(), 'open'],
  ])('tell of the first one that failed, although the second one was %s', async (_name, second, fate) => {
    const scene = await Scene.begun(3);
    await scene.answer(0, busy());
    expect(scene.isOver).toBe(false);
    await scene.answer(1, second);
    expect(await scene.ended).toMatchObject({ kind: 'retry' });
    expect([scene.items, scene.bisect.fates]).toEqual([
      [0, 1],
      ['open', fate, 'open'],
    ]);
  });

  it.each([0, 1])('are both waited for, should number %i of them throw', async (throwing) => {
    const scene = await Scene.begun(3);
    await scene.answer(throwing, new TypeError('a mistake'));
    expect(scene.isOver).toBe(false);
    await scene.answer(1 - throwing, unreachable);
    await expect(scene.ended).rejects.toThrow('a mistake');
    expect(scene.items).toEqual([0, 1]);
  });

  it('are both given up and waited for when it is told to stop', async () => {
    const scene = await Scene.begun(3);
    scene.stop();
    expect(scene.asked.map(({ options }) => options.signal.aborted)).toEqual([true, true]);
    await scene.ended;
    expect(scene.answers).toEqual([
      ['retry', false],
      ['retry', false],
    ]);
    expect([scene.items, scene.bisect.fates]).toEqual([
      [0, 1],
      ['open', 'open', 'open'],
    ]);
  });

  it('carry the health with the first one only, and say so when that one is answered', async () => {
    const scene = await Scene.begun(3, { health: HEALTH });
    await scene.answer(1, accepted);
    await scene.answer(0, refused());
    await scene.answer(2, accepted);
    await scene.answer(0, accepted);
    await scene.ended;
    expect(scene.asked.map(({ options }) => options.health)).toEqual([HEALTH, undefined, undefined, undefined]);
    expect(scene.answers).toEqual([
      ['refused', true],
      ['accepted', false],
      ['accepted', false],
      ['accepted', false],
    ]);
  });

  it('are one where only one may be', async () => {
    const scene = await Scene.begun(2, { atOnce: 1 });
    expect(scene.items).toEqual([0]);
    await scene.answer(0, accepted);
    expect(scene.items).toEqual([0, 1]);
  });
});
