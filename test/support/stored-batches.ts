/** What the stand-in stored, request by request and line by line, to be compared with what a meter published. */
import type { RequestRecord } from '../../src/simulate/dynatrace/request-record.ts';
import { AMIS_KEYS } from './amis.ts';
import { decode } from './line-protocol.ts';
import type { Published } from './test-meter.ts';

/** One request whose readings were stored, whether or not its answer arrived. */
export interface Batch {
  /** On the monotonic clock. */
  readonly mono: number;
  /** Times of measurement. */
  readonly oldest: number;
  readonly newest: number;
  readonly readings: number;
}

export interface Comparison {
  /** Published values that were not stored. */
  readonly lost: number;
  /** Lines stored once more, with the same time and value. */
  readonly duplicates: number;
  /** Stored, but never published with this value at this time. */
  readonly foreign: number;
}

const REGISTER = 'smartmeter.energy.active.import.total';
const FIRST_REGISTER_WH = 52_680_160;

export class StoredBatches {
  readonly batches: Batch[] = [];
  /** Every value that was stored for a metric key and an instant. */
  readonly #values = new Map<string, number[]>();

  /** To be called with every request, once it has been answered. */
  readonly note = (record: RequestRecord): void => {
    if (record.status !== 202 || record.route !== 'metrics') return;
    const times: number[] = [];
    for (const line of (record.body ?? '').split('\n')) {
      if (!line.startsWith('smartmeter.')) continue;
      const { key, at, min } = decode(line);
      if (at === null) continue;
      if (key === REGISTER) times.push(at);
      const known = this.#values.get(`${key} ${at}`);
      if (known === undefined) this.#values.set(`${key} ${at}`, [min]);
      else known.push(min);
    }
    if (times.length === 0) return;
    const [oldest, newest] = [Math.min(...times), Math.max(...times)];
    this.batches.push({ mono: performance.now(), oldest, newest, readings: times.length });
  };

  compare(published: readonly Published[]): Comparison {
    const all = new Set(published.flatMap(({ at }) => AMIS_KEYS.map((key) => `${key} ${at}`)));
    const registers = new Map(published.map(({ n, at }) => [at, (FIRST_REGISTER_WH + n) / 1000]));
    let duplicates = 0;
    let foreign = 0;
    for (const [name, values] of this.#values) {
      const [first] = values;
      const [key = '', at] = name.split(' ');
      const right = key === REGISTER ? registers.get(Number(at)) : first;
      if (!all.has(name) || values.some((value) => value !== right)) foreign += 1;
      duplicates += values.length - 1;
    }
    return { lost: [...all].filter((name) => !this.#values.has(name)).length, duplicates, foreign };
  }
}
