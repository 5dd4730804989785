/**
 * What arrived at the stand-in, line by line and event by event, over several lives of the gateway. The same text again is a
 * repeat, which gauges and `event.id` make harmless; another text in its place would not be, and is a contradiction.
 */
import { minuteOf, MINUTE } from '../../src/model/time.ts';
import type { RequestRecord } from './dynatrace.ts';
import { decode } from './line-protocol.ts';

export interface DeliveriesOptions {
  /** What takes the place of an earlier line: one of the same series and instant, or of the same minute where lines are folded. */
  readonly resolution: 'raw' | '1m';
}

/** Of the metrics: by the age of the minute when it first came. The late route has one. */
export type DeliveryLane = 'live' | 'backlog' | 'late';

interface Item {
  /** What another item must not contradict. */
  readonly identity: string;
  readonly lane: DeliveryLane;
  /** How many values it carries. */
  readonly values: number;
}

/** How many items came again that a life had brought before it was killed. */
interface Repeats {
  readonly life: number;
  readonly lane: DeliveryLane;
  items: number;
}

interface Arrived extends Item {
  readonly text: string;
  /** The last that brought it. */
  life: number;
}

/** The live lane's minutes began within this time. */
const LIVE_MS = 5 * MINUTE;

export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #arrived = new Map<string, Arrived>();
  readonly #contradictions: string[] = [];
  readonly #repeats: Repeats[] = [];
  #life = 0;
  #requests = 0;
  #values = 0;
  #duplicates = 0;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Requests that brought readings and were stored. */
  get requests(): number {
    return this.#requests;
  }

  /** Values that arrived, each counted once. */
  get values(): number {
    return this.#values;
  }

  /** Items that arrived once more. */
  get duplicates(): number {
    return this.#duplicates;
  }

  get contradictions(): readonly string[] {
    return this.#contradictions;
  }

  /** The most that one kill made a lane send again. */
  largestRepeat(lane: DeliveryLane): number {
    return Math.max(0, ...this.#repeats.filter((repeats) => repeats.lane === lane).map(({ items }) => items));
  }

  /** What arrived, each once. */
  texts(): string[] {
    return [...this.#arrived.values()].map(({ text }) => text);
  }

  /** The gateway was killed: what comes from now on is of its next life. */
  killed(): void {
    this.#life += 1;
  }

  note(record: RequestRecord): void {
    if (record.accepted === 0 || record.body === null) return;
    const texts = record.route === 'bizevents' ? eventsOf(record.body) : linesOf(record.body);
    if (texts.length === 0) return;
    this.#requests += 1;
    for (const text of texts)
      this.#noteItem(text, record.route === 'bizevents' ? event(text) : this.#line(text, record));
  }

  #noteItem(text: string, item: Item): void {
    const known = this.#arrived.get(item.identity);
    if (known === undefined) {
      this.#arrived.set(item.identity, { ...item, text, life: this.#life });
      this.#values += item.values;
      return;
    }
    if (known.text !== text) this.#contradictions.push(`${known.text} → ${text}`);
    this.#duplicates += 1;
    this.#repeatsOf(known).items += 1;
    known.life = this.#life;
  }

  #repeatsOf({ life, lane }: Arrived): Repeats {
    let repeats = this.#repeats.find((r) => r.life === life && r.lane === lane);
    if (repeats === undefined) this.#repeats.push((repeats = { life, lane, items: 0 }));
    return repeats;
  }

  #line(text: string, { at: sentAt }: RequestRecord): Item {
    const { at, count } = decode(text);
    if (at === null) throw new Error(`a reading without its time: ${text}`);
    const when = this.#options.resolution === 'raw' ? at : minuteOf(at);
    const lane = at >= sentAt - LIVE_MS ? 'live' : 'backlog';
    return { identity: `${text.slice(0, text.indexOf(' '))} ${when}`, lane, values: count };
  }
}

/** Without metadata and the gateway's own health. */
function linesOf(body: string): string[] {
  return body.split('\n').filter((line) => line.startsWith('smartmeter.'));
}

function eventsOf(body: string): string[] {
  return (JSON.parse(body) as object[]).map((event) => JSON.stringify(event));
}

function event(text: string): Item {
  const fields = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const values = Object.keys(fields).filter((name) => name.startsWith('smartmeter.')).length;
  return { identity: String(fields['event.id']), lane: 'late', values };
}
