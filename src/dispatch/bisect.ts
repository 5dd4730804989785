/**
 * Brings one batch through a sink, request by request, and decides what becomes of each item. In memory; no I/O.
 *
 * A request's texts are rendered when it is its turn, or while others are on their way; an item that has none is dead. While all is
 * accepted the next request need not wait for an answer; else it depends on it. Work goes left to right, so that what is decided is
 * soon a prefix. A refused request is halved; the first of a batch, and an item alone, is sent uncompressed before.
 * An item refused alone is doubted (see doubts.ts) and tried again, after all others, once something was accepted. While
 * nothing is accepted the search jumps to the far end, and gives up after a few doubts: then it is the server, not an item.
 * Where the batch has an accepted item, that one is sent again as a control instead of giving up: a gauge sent twice is the
 * same gauge. Items doubted earlier come last, so that they hold nobody up. Retry and blocked end the batch where it stands.
 */
import type { ItemTexts } from '../model/item-texts.ts';
import type { Outcome, Partial } from '../model/outcome.ts';
import type { EpochMs } from '../model/time.ts';
import { fit, halve, type Limits } from './cut.ts';
import type { Doubts } from './doubts.ts';
import { Unsendable, type Items } from './items.ts';
import type { Route } from '../sinks/sink.ts';

/** What was decided about an item. */
export type Fate = 'open' | 'delivered' | 'dead' | 'tooOld';

export interface Request {
  readonly texts: ItemTexts;
  readonly identity: boolean;
  /** What was begun for these texts when they were prepared. */
  readonly compressed: Promise<Buffer> | null;
}

interface Rendered extends Request {
  readonly segment: Uint32Array;
  readonly from: 'left' | 'right' | 'control';
}

interface Sent extends Rendered {
  /** As many refusals of others were known when it was sent. */
  readonly refusals: number;
}

/** Requests in a row without anything accepted, and doubts among them, before the server is doubted instead. */
const FRUITLESS_REQUESTS = 32;
const FRUITLESS_DOUBTS = 3;
const NO_REASON = 'refused; the server did not say why';

/** What of a route matters here. */
export type BatchRoute = Limits & Pick<Route, 'compress'>;

export class Bisect {
  readonly fates: Fate[] = [];
  /** Why, per item that is dead or too old. */
  readonly reasons = new Map<number, string>();
  readonly #items: Items;
  readonly #route: BatchRoute;
  readonly #doubts: Doubts;
  /** For the requests on their way, and for those that are prepared. */
  readonly #texts: readonly ItemTexts[];
  /** Segments still to be sent, left to right. */
  readonly #work: Uint32Array[] = [];
  /** What was sent and is to be sent again uncompressed. */
  #uncompressed: Rendered | null = null;
  /** On their way, in the order in which they are answered. */
  readonly #sent: Sent[] = [];
  /** Rendered ahead, in the order in which they are to be sent. */
  #prepared: Rendered[] = [];
  /** The last answer took all that was sent. */
  #isSmooth: boolean;
  #control: number | null = null;
  #tried = false;
  #identityTried = false;
  #accepting = false;
  #fruitless = 0;
  #newDoubts = 0;
  #ended = false;
  #stuck = false;

  /** `texts`: one more than requests may be on their way. */
  constructor(items: Items, route: BatchRoute, doubts: Doubts, texts: readonly ItemTexts[]) {
    this.#items = items;
    this.#route = route;
    this.#doubts = doubts;
    this.#texts = texts;
    this.#isSmooth = doubts.none && doubts.isSmooth;
    const all = new Uint32Array(items.length);
    for (let i = 0; i < all.length; i++) all[i] = this.fates.push('open') - 1;
    const trusted = doubts.none ? all : all.filter((i) => !doubts.isDoubted(items.key(i)));
    if (trusted.length > 0) this.#work.push(trusted);
  }

  /** There is nothing more to send, or no use in it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The server answers but takes nothing, or nothing any more: what it refuses is not an item. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** The next request. Null at the end, and while it depends on an answer that was not given yet. */
  next(): Request | null {
    if (this.#sent.length > 0 && !this.#mayGoOn) return null;
    const chosen = this.#choose();
    if (chosen === null) return null;
    const { identity, refusals } = this.#doubts;
    const sent = { ...chosen, refusals, ...(identity && { identity, compressed: null }) };
    this.#sent.push(sent);
    this.#tried = true;
    return sent;
  }

  /**
   * The answer to the oldest request that has none. `oldest`: an item from before it is outside the route's window by now, by the
   * server's clock.
   */
  answer(outcome: Outcome, oldest: EpochMs): void {
    const sent = this.#sent.shift();
    if (sent === undefined) throw new Error('an answer without a request');
    this.#isSmooth = outcome.kind === 'accepted';
    this.#doubts.isSmooth = this.#isSmooth;
    if (!this.#isSmooth) this.#unprepare();
    switch (outcome.kind) {
      case 'accepted':
        this.#accept(sent, sent.segment);
        break;
      case 'partial':
        if (sent.from === 'control') this.#end(true);
        else this.#part(sent, outcome, oldest);
        break;
      case 'refused':
        if (sent.from === 'control') this.#end(true);
        else this.#refuse(sent, outcome.message, outcome.tryIdentity, oldest);
        break;
      case 'retry':
      case 'blocked':
        this.#end(false);
        break;
    }
  }

  /**
   * Renders one more request while others are on their way, or none yet, and lets it be compressed; for nothing if what is on its
   * way is not accepted as a whole. False when there is nothing more to prepare for now.
   */
  prepare(): boolean {
    if (this.#ended || this.#uncompressed !== null || this.#sent.some(({ from }) => from !== 'left')) return false;
    const most = this.#isSmooth ? this.#texts.length - this.#sent.length : 1;
    if (this.#prepared.length >= most || this.#work.length === 0 || this.#side === 'right') return false;
    const next = this.#take();
    if (next.segment.length > 0) this.#prepared.push({ ...next, compressed: this.#compress(next.texts) });
    return true;
  }

  #compress(texts: ItemTexts): Promise<Buffer> | null {
    const compressed = this.#doubts.identity ? null : (this.#route.compress?.(texts) ?? null);
    // Whoever sends it hears of a failure.
    compressed?.catch(() => undefined);
    return compressed;
  }

  #unprepare(): void {
    this.#put('left', ...this.#prepared.map(({ segment }) => segment));
    this.#prepared = [];
  }

  get #mayGoOn(): boolean {
    const isRoom = this.#sent.length < this.#texts.length - 1;
    return isRoom && this.#isSmooth && this.#prepared.length + this.#work.length > 0;
  }

  #choose(): Rendered | null {
    if (this.#ended) return null;
    const again = this.#uncompressed ?? this.#prepared.shift();
    this.#uncompressed = null;
    if (again !== undefined) return again;
    const enough = this.#fruitless >= FRUITLESS_REQUESTS || (this.#newDoubts >= FRUITLESS_DOUBTS && !this.#accepting);
    if (this.#work.length > 0 && !enough) {
      const next = this.#take();
      return next.segment.length > 0 ? next : this.#choose();
    }
    if (this.#sent.length > 0) return null;
    if (this.#work.length === 0) {
      const open = this.#open();
      // When nothing else was tried, the doubted ones are all there is, and are met as a whole.
      const due = this.#tried ? open.filter((i) => this.#doubts.isProven(this.#items.key(i))) : open;
      if (due.length > 0 && !enough) {
        this.#work.push(due);
        return this.#choose();
      }
      if (open.length === 0) return this.#end(false);
    }
    if (this.#control === null) return this.#end(!this.#accepting);
    return this.#render(Uint32Array.of(this.#control), 'control').rendered;
  }

  /** From where the next request is taken. */
  get #side(): 'left' | 'right' {
    return this.#newDoubts > 0 && !this.#accepting ? 'right' : 'left';
  }

  #take(): Rendered {
    const from = this.#side;
    const segment = from === 'left' ? this.#work.shift() : this.#work.pop();
    const { rendered, rest } = this.#render(segment ?? new Uint32Array(), from);
    if (rest.length > 0) this.#put(from, rest);
    return rendered;
  }

  /** As many items of the segment, from the first, as one request takes, and what is left behind them. */
  #render(segment: Uint32Array, from: Sent['from']): { readonly rendered: Rendered; readonly rest: Uint32Array } {
    const texts = this.#freeTexts();
    texts.clear();
    const items = new Uint32Array(segment.length);
    let seen = 0;
    for (const item of segment) {
      const text = this.#items.text(item);
      if (text instanceof Unsendable) this.#decide(item, 'dead', text.reason);
      else {
        items[texts.length] = item;
        texts.push(text);
        if (!fit(texts, this.#route)) {
          texts.pop();
          break;
        }
      }
      seen++;
    }
    const rendered = { segment: items.subarray(0, texts.length), texts, identity: false, compressed: null, from };
    return { rendered, rest: segment.subarray(seen) };
  }

  #freeTexts(): ItemTexts {
    const used = new Set([...this.#sent, ...this.#prepared].map((request) => request.texts));
    const free = this.#texts.find((texts) => !used.has(texts));
    if (free === undefined) throw new Error('more requests than there are texts for');
    return free;
  }

  #put(from: Sent['from'], ...segments: readonly Uint32Array[]): void {
    if (from !== 'left') this.#work.push(...segments);
    else {
      // Of two requests refused together, the first is answered first and has put its own back already.
      const [first = 0] = segments.find(({ length }) => length > 0) ?? [];
      const before = this.#work.filter(([other = 0]) => other < first).length;
      this.#work.splice(before, 0, ...segments);
    }
  }

  #end(stuck: boolean): null {
    this.#ended = true;
    this.#stuck = stuck;
    return null;
  }

  #accept(sent: Sent, items: Uint32Array): void {
    this.#stored(sent);
    for (const i of items) {
      this.fates[i] = 'delivered';
      if (!this.#doubts.none) this.#doubts.clear(this.#items.key(i));
    }
    this.#control = items[0] ?? this.#control;
  }

  #stored(sent: Sent): void {
    this.#doubts.accepted(sent.refusals);
    if (sent.identity) this.#doubts.identity = true;
    this.#accepting = true;
    this.#fruitless = 0;
    this.#newDoubts = 0;
  }

  #part(sent: Sent, { refused, unlisted }: Partial, oldest: EpochMs): void {
    const listed = new Map<number, string>();
    for (const { index, message } of refused) {
      const item = sent.segment[index];
      if (item !== undefined) listed.set(item, message);
    }
    const rest = sent.segment.filter((i) => !listed.has(i));
    const stored = rest.length - unlisted;
    if (stored <= 0) this.#fruitless++;
    else if (unlisted > 0) this.#stored(sent);
    else this.#accept(sent, rest);
    if (unlisted > 0 && rest.length === 1) for (const i of rest) listed.set(i, NO_REASON);
    else if (unlisted > 0) this.#put(sent.from, ...halve(rest));

    const bad = [...listed].filter(([i, message]) => !this.#isTooOld(i, message, oldest));
    const believed = bad.length > 0 && (stored > 0 || this.#doubts.believesTotalRefusal());
    for (const [i, message] of bad) this.#judge(i, message, believed);
  }

  #refuse(sent: Sent, message: string, tryIdentity: boolean, oldest: EpochMs): void {
    this.#fruitless++;
    const mayBeForCompression = tryIdentity && !sent.identity;
    // Refused together with one that is tried uncompressed next: whether that helps is known before it is sent again.
    if (mayBeForCompression && this.#uncompressed !== null) return this.#put(sent.from, sent.segment);
    // An item is not judged by a compressed body.
    if (mayBeForCompression && (!this.#identityTried || sent.segment.length === 1)) {
      this.#identityTried = true;
      this.#uncompressed = { ...sent, identity: true, compressed: null };
      return;
    }
    const [only] = sent.segment;
    if (only === undefined || sent.segment.length > 1) return this.#put(sent.from, ...halve(sent.segment));
    const proven = this.#doubts.isProven(this.#items.key(only));
    if (!proven || !this.#isTooOld(only, message, oldest)) this.#judge(only, message, false);
  }

  /** No dead letter, whatever the server's text: it came too late for this route. */
  #isTooOld(item: number, message: string, oldest: EpochMs): boolean {
    if (this.#items.at(item) >= oldest) return false;
    this.#decide(item, 'tooOld', message);
    return true;
  }

  #judge(item: number, message: string, believed: boolean): void {
    const key = this.#items.key(item);
    if (believed || this.#doubts.isProven(key)) return this.#decide(item, 'dead', message);
    this.#doubts.doubt(key);
    this.#newDoubts++;
  }

  #decide(item: number, fate: 'dead' | 'tooOld', message: string): void {
    this.fates[item] = fate;
    this.reasons.set(item, message);
    this.#doubts.clear(this.#items.key(item));
  }

  #open(): Uint32Array {
    const open = new Uint32Array(this.fates.length);
    let length = 0;
    for (let i = 0; i < open.length; i++) if (this.fates[i] === 'open') open[length++] = i;
    return open.subarray(0, length);
  }
}
