import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bisect, type Request } from '../../../src/dispatch/bisect.ts';
import { Doubts } from '../../../src/dispatch/doubts.ts';
import { Unsendable, type Items } from '../../../src/dispatch/items.ts';
import { ItemTexts } from '../../../src/model/item-texts.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import { accepted, busy, refused, unauthorised } from '../../support/fake-sink.ts';

const AT_ONCE = 2;
const MOST_REQUESTS = 1_000;
const MOST_BATCHES = 60;

/** Items are numbers; a server, and what disturbs it, goes by the order in which it gets to requests. */
interface World {
  readonly items: number;
  readonly maxItems: number;
  /** By number, taken again from the start when there are more items. */
  readonly kinds: readonly ('good' | 'bad' | 'formless')[];
  /** Of bad lines, how many an answer names; null: it refuses the body. Taken again from the start. */
  readonly judging: readonly (number | null)[];
  /** From this request on it takes no compressed body. */
  readonly identityFrom: number;
  /** So long it refuses everything. */
  readonly refusing: { readonly from: number; readonly length: number; readonly tryIdentity: boolean };
  readonly interrupted: readonly { readonly at: number; readonly with: Outcome; readonly stored: boolean }[];
  /** What happens next, where more than one thing may. Taken again from the start. */
  readonly chances: readonly boolean[];
}

const world = fc.record<World>({
  items: fc.integer({ min: 1, max: 40 }),
  maxItems: fc.integer({ min: 1, max: 8 }),
  kinds: fc.array(fc.constantFrom('good', 'good', 'good', 'bad', 'formless'), { minLength: 1, maxLength: 40 }),
  judging: fc.array(fc.option(fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 6 }),
  identityFrom: fc.oneof(fc.constant(Infinity), fc.nat(20)),
  refusing: fc.record({ from: fc.nat(20), length: fc.nat(12), tryIdentity: fc.boolean() }),
  interrupted: fc.array(
    fc.record({ at: fc.nat(30), with: fc.constantFrom<Outcome>(busy(), unauthorised), stored: fc.boolean() }),
    { maxLength: 3 },
  ),
  chances: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
});

class Server {
  readonly stored = new Set<number>();
  readonly #world: World;
  readonly #kindOf: (item: number) => string;
  #count = 0;

  constructor(given: World, kindOf: (item: number) => string) {
    this.#world = given;
    this.#kindOf = kindOf;
  }

  take(numbers: readonly number[], identity: boolean): Outcome {
    const { identityFrom, refusing, interrupted, judging } = this.#world;
    const count = this.#count++;
    const bad = numbers.filter((item) => this.#kindOf(item) !== 'good');
    const good = numbers.filter((item) => this.#kindOf(item) === 'good');
    const interruption = interrupted.find(({ at }) => at === count);
    if (interruption?.stored === true) this.#store(good);
    if (interruption !== undefined) return interruption.with;
    if (count >= refusing.from && count < refusing.from + refusing.length) return refused(refusing.tryIdentity);
    if (!identity && count >= identityFrom) return refused(true);
    const listed = judging[count % judging.length] ?? null;
    if (bad.length > 0 && listed === null) return refused(count % 2 === 0);
    this.#store(good);
    if (bad.length === 0) return accepted;
    const named = bad.slice(0, listed ?? 0).map((item) => ({ index: numbers.indexOf(item), message: 'bad' }));
    return { kind: 'partial', refused: named, unlisted: bad.length - named.length, bytesSent: 1 };
  }

  #store(items: readonly number[]): void {
    for (const item of items) this.stored.add(item);
  }
}

interface OnItsWay {
  readonly request: Request;
  readonly numbers: readonly number[];
  readonly body: string;
  answer: Outcome | null;
}

describe('a batch with two requests on their way', () => {
  it('decides every item as the server did, whatever it answers and in whatever order it gets to them', () => {
    fc.assert(
      fc.property(world, (given) => {
        const kindOf = (item: number): string =>
          item >= given.items ? 'good' : (given.kinds[item % given.kinds.length] ?? 'good');
        const server = new Server(given, kindOf);
        const doubts = new Doubts();
        const texts = Array.from({ length: AT_ONCE + 1 }, () => new ItemTexts('\n'));
        const chance = cycled(given.chances);
        let open = Array.from({ length: given.items }, (_, i) => i);
        const decided = new Set<number>();
        for (let batch = 0; open.some((item) => item < given.items); batch++) {
          expect(batch, `batches until all is decided; open: ${open.join()}`).toBeLessThan(MOST_BATCHES);
          // Good company, without which a lone bad item stays owed.
          const batchItems = batch === 0 ? open : [...open, given.items + batch];
          const bisect = deliver(batchItems, given, { server, doubts, texts, chance, kindOf });
          open = batchItems.filter((_, i) => bisect.fates[i] === 'open');
          for (const [i, item] of batchItems.entries()) {
            const fate = bisect.fates[i] ?? 'open';
            if (fate !== 'open') decided.add(item);
            const truth = kindOf(item) !== 'good' ? 'dead' : server.stored.has(item) ? 'delivered' : 'open';
            expect(['open', truth], `fate of ${item}`).toContain(fate);
          }
        }
        for (let item = 0; item < given.items; item++) expect(decided).toContain(item);
      }),
      { numRuns: 500 },
    );
  });
});

/** One batch, answered in the order of its requests, to its end. */
function deliver(
  batch: readonly number[],
  { maxItems }: World,
  {
    server,
    doubts,
    texts,
    chance,
    kindOf,
  }: {
    readonly server: Server;
    readonly doubts: Doubts;
    readonly texts: readonly ItemTexts[];
    readonly chance: () => boolean;
    readonly kindOf: (item: number) => string;
  },
): Bisect {
  /** As they were when their compression began. */
  const copies = new Map<Promise<Buffer>, string>();
  const compress = (items: ItemTexts): Promise<Buffer> => {
    const compressed = Promise.resolve(items.bytes);
    copies.set(compressed, items.bytes.toString());
    return compressed;
  };
  const bisect = new Bisect(itemsOf(batch, kindOf), { maxItems, maxBytes: 950_000, compress }, doubts, texts);
  const onTheirWay: OnItsWay[] = [];
  for (let sent = 0; ;) {
    if (chance()) bisect.prepare();
    const most = chance() ? AT_ONCE : 1;
    while (onTheirWay.length < most) {
      const request = bisect.next();
      if (request === null) break;
      expect(sent++, 'requests of one batch').toBeLessThan(MOST_REQUESTS);
      const numbers = Array.from(request.texts, (text) => Number.parseInt(text));
      const others = onTheirWay.flatMap((other) => other.numbers);
      expect(new Set([...others, ...numbers]).size).toBe(others.length + numbers.length);
      expect(numbers.length).toBeGreaterThan(0);
      onTheirWay.push({ request, numbers, body: request.texts.bytes.toString(), answer: null });
    }
    expect(onTheirWay.length < AT_ONCE || bisect.next() === null).toBe(true);
    const [oldest, newest] = onTheirWay;
    if (oldest === undefined) return bisect;
    if (chance()) bisect.prepare();
    // The server may get to the newer one first.
    for (const one of newest !== undefined && chance() ? [newest, oldest] : [oldest])
      one.answer ??= server.take(one.numbers, one.request.identity);
    expect(oldest.body).toBe(oldest.numbers.map(textOf).join('\n'));
    expect(oldest.request.texts.bytes.toString()).toBe(oldest.body);
    const { compressed, identity } = oldest.request;
    expect(compressed === null ? oldest.body : copies.get(compressed)).toBe(oldest.body);
    expect(identity && compressed !== null).toBe(false);
    onTheirWay.shift();
    if (oldest.answer !== null) bisect.answer(oldest.answer, -Infinity);
  }
}

function itemsOf(batch: readonly number[], kindOf: (item: number) => string): Items {
  const position = Uint32Array.from(batch, (_, i) => i);
  const numberOf = (i: number): number => batch[i] ?? -1;
  return {
    readings: batch.length,
    length: batch.length,
    first: position,
    last: position,
    text: (i) => (kindOf(numberOf(i)) === 'formless' ? new Unsendable('no form') : textOf(numberOf(i))),
    at: numberOf,
    key: (i) => `#${numberOf(i)}`,
    drafts: () => [],
  };
}

/** Of different lengths, so that no other item's text would do. */
function textOf(item: number): string {
  return `${item} ${'x'.repeat(item % 7)}`;
}

function cycled(chances: readonly boolean[]): () => boolean {
  let i = 0;
  return () => chances[i++ % chances.length] ?? false;
}
