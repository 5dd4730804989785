import type { RequestRecord } from './request-record.ts';

/** Since the start, or since they were cleared. */
export interface Counts {
  readonly requests: number;
  /** By status; `none` got no answer. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly linesOk: number;
  readonly linesInvalid: number;
  readonly eventsOk: number;
  readonly eventsInvalid: number;
  /** Bodies, on the wire. */
  readonly bytes: number;
}

const NONE = { requests: 0, linesOk: 0, linesInvalid: 0, eventsOk: 0, eventsInvalid: 0, bytes: 0 };

/** The newest requests, and the counts of all. */
export class RequestLog {
  readonly #limit: number;
  #records: RequestRecord[] = [];
  #counts = { ...NONE };
  #byStatus: Record<string, number> = {};

  constructor(limit: number) {
    this.#limit = limit;
  }

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  get counts(): Counts {
    return { ...this.#counts, byStatus: { ...this.#byStatus } };
  }

  add(record: RequestRecord): void {
    const events = record.route === 'bizevents';
    this.#counts.requests += 1;
    this.#counts.bytes += record.bytes;
    this.#counts[events ? 'eventsOk' : 'linesOk'] += record.accepted;
    this.#counts[events ? 'eventsInvalid' : 'linesInvalid'] += record.invalid;
    const status = String(record.status ?? 'none');
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    this.#records.push(record);
    if (this.#records.length > this.#limit) this.#records.shift();
  }

  clear(): void {
    this.#records = [];
    this.#counts = { ...NONE };
    this.#byStatus = {};
  }
}
