import { ColumnsBuilder } from '../../src/model/reading-columns.ts';
import type { Origin } from '../../src/model/reading.ts';
import { minuteOf, type EpochMs } from '../../src/model/time.ts';
import type {
  Advanced,
  Appended,
  Claim,
  ClaimRequest,
  DeadLetterDraft,
  Ledger,
  Queue,
  QueueReport,
  Settlement,
} from '../../src/queue/queue.ts';

interface Stored {
  readonly id: number;
  readonly origin: Origin;
  readonly at: EpochMs;
  readonly values: Readonly<Record<string, number>>;
  /** Null: settled. */
  route: string | null;
  /** Owed on this lane only. */
  aside: 'retry' | 'replay' | null;
}

interface OpenClaim {
  readonly lane: string;
  readonly route: string;
  readonly readings: readonly Stored[];
}

type Counts = { -readonly [K in keyof Ledger]: number };

/** No test needs as many: a loop without a pause would otherwise hang instead of failing. */
const MOST_CLAIMS = 20_000;

/** The queue's contract for one sink, in memory; throws where a caller breaks it. */
export class FakeQueue implements Queue {
  readonly deadLetters: DeadLetterDraft[] = [];
  readonly states = new Map<string, unknown>();
  readonly puts: { readonly key: string; readonly value: unknown; readonly withinMs: number }[] = [];
  readonly claimed: ClaimRequest[] = [];
  /** What the next calls of `settle` reject with. */
  readonly settleErrors: Error[] = [];
  /** What the next calls of `commitSettled` reject with. */
  readonly commitErrors: Error[] = [];
  commits = 0;
  advances = 0;
  boundsKept = 0;
  readonly #routes: readonly { readonly name: string; readonly behindMs: number }[];
  readonly #stored: Stored[] = [];
  readonly #open = new Map<number, OpenClaim>();
  readonly #counts: Counts = {
    accepted: 0,
    delivered: 0,
    late: 0,
    pending: 0,
    expired: 0,
    evicted: 0,
    deadLettered: 0,
  };
  #nextClaim = 1;

  constructor(routes: readonly { readonly name: string; readonly behindMs: number }[]) {
    this.#routes = routes;
  }

  get openClaims(): number {
    return this.#open.size;
  }

  /** Recounted from what is owed. */
  get ledger(): Ledger {
    const owed = this.#stored.filter((r) => r.route !== null && r.aside !== 'replay');
    return { ...this.#counts, pending: owed.reduce((sum, r) => sum + Object.keys(r.values).length, 0) };
  }

  get balance(): number {
    const { accepted, ...rest } = this.ledger;
    return accepted - Object.values(rest).reduce((a, b) => a + b, 0);
  }

  store(device: string, at: EpochMs, values: Readonly<Record<string, number>>, aside: Stored['aside'] = null): number {
    const origin = { device, serial: null, source: 'test' };
    const route = this.#routes[0]?.name ?? null;
    this.#stored.push({ id: this.#stored.length + 1, origin, at, values, route, aside });
    const count = Object.keys(values).length;
    if (aside !== 'replay') this.#counts.accepted += count;
    return count;
  }

  claim(request: ClaimRequest): Promise<Claim | null> {
    if (this.claimed.push(request) > MOST_CLAIMS) throw new Error('it never stops asking');
    const lane = `${request.route}/${request.lane}`;
    if ([...this.#open].some(([id, c]) => c.lane === lane && id !== request.behind))
      throw new Error(`a second claim of ${lane}`);
    const held = new Set([...this.#open.values()].flatMap((c) => c.readings));
    const due = this.#stored.filter((r) => {
      const minute = minuteOf(r.at);
      if (r.route !== request.route || held.has(r)) return false;
      if (minute >= request.dueBefore || minute < request.oldest) return false;
      if (request.lane === 'live') return r.aside === null && minute >= request.liveFrom;
      if (request.lane === 'backlog') return r.aside === null && minute < request.liveFrom;
      return r.aside === request.lane;
    });
    const sign = request.lane === 'live' ? -1 : 1;
    due.sort((a, b) => sign * (minuteOf(a.at) - minuteOf(b.at)) || a.id - b.id);
    const items = new Set<string>();
    let count = 0;
    for (const r of due) {
      const before = items.size;
      for (const quantity of Object.keys(r.values)) {
        const series = `${minuteOf(r.at)} ${r.origin.device} ${quantity}`;
        items.add({ folded: series, values: `${r.id} ${quantity}`, readings: String(r.id) }[request.count]);
      }
      if (items.size > request.maxItems && before > 0) break;
      count++;
    }
    if (count === 0) return Promise.resolve(null);
    const readings = due.slice(0, count);
    const builder = new ColumnsBuilder();
    for (const { origin, at, values, id } of readings)
      builder.add(origin, at, Object.keys(values), Object.values(values), id);
    const id = this.#nextClaim++;
    this.#open.set(id, { lane, route: request.route, readings });
    return Promise.resolve({ id, readings: builder.take(), more: count < due.length, replay: null });
  }

  settle(settlement: Settlement): Promise<void> {
    const error = this.settleErrors.shift();
    if (error !== undefined) return Promise.reject(error);
    const claim = this.#take(settlement.claim);
    if (settlement.readings > claim.readings.length) throw new Error('more settled than was claimed');
    const settled = claim.readings.slice(0, settlement.readings);
    const values = new Map<string, number>();
    for (const { origin, at, values: of } of settled)
      for (const [quantity, value] of Object.entries(of)) {
        const k = valueKey(origin.device, quantity, at, value);
        values.set(k, (values.get(k) ?? 0) + 1);
      }
    const strike = ({ device, quantity, samples }: DeadLetterDraft): number => {
      for (const [at, value] of samples) {
        const k = valueKey(device, quantity, at, value);
        const left = values.get(k) ?? 0;
        if (left === 0) throw new Error(`listed but not settled: ${k}`);
        values.set(k, left - 1);
      }
      return samples.length;
    };
    for (const r of settled) r.route = null;
    for (const letter of settlement.deadLetters) this.#counts.deadLettered += strike(letter);
    this.deadLetters.push(...settlement.deadLetters);
    const next = this.#routes[this.#routes.findIndex((r) => r.name === claim.route) + 1];
    for (const draft of settlement.tooOld) {
      const count = strike(draft);
      if (next === undefined) this.#counts.expired += count;
      else for (const sample of draft.samples) this.#moveOn(draft, sample, next.name);
    }
    const delivered = [...values.values()].reduce((a, b) => a + b, 0);
    const replayed = settled.every((r) => r.aside === 'replay');
    if (!replayed) this.#counts[claim.route === this.#routes[0]?.name ? 'delivered' : 'late'] += delivered;
    return Promise.resolve();
  }

  commitSettled(): Promise<void> {
    this.commits++;
    const error = this.commitErrors.shift();
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  }

  release(claim: number): Promise<void> {
    this.#take(claim);
    return Promise.resolve();
  }

  advance(now: EpochMs): Promise<Advanced> {
    this.advances++;
    let wentLate = 0;
    let expired = 0;
    const held = new Set([...this.#open.values()].flatMap((c) => c.readings));
    for (const r of this.#stored) {
      const index = this.#routes.findIndex(({ name }) => name === r.route);
      const route = this.#routes[index];
      if (route === undefined || held.has(r) || r.at >= now - route.behindMs) continue;
      const count = Object.keys(r.values).length;
      r.route = this.#routes[index + 1]?.name ?? null;
      if (r.route !== null) wentLate += count;
      else {
        expired += count;
        this.#counts.expired += count;
      }
    }
    return Promise.resolve({ wentLate, expired, evicted: 0, pruned: 0 });
  }

  keepBounds(): Promise<Pick<Advanced, 'evicted' | 'pruned'>> {
    this.boundsKept++;
    return Promise.resolve({ evicted: 0, pruned: 0 });
  }

  putState(key: string, value: unknown, withinMs: number): void {
    this.states.set(key, structuredClone(value));
    this.puts.push({ key, value, withinMs });
  }

  report(): Promise<QueueReport> {
    const { ledger } = this;
    const routes = this.#routes.map(({ name }) => ({
      name,
      pendingValues: this.#stored.filter((r) => r.route === name).length,
    }));
    const sink = { name: 'sink', type: 'fake', removed: false, ledger, routes };
    const report: Partial<QueueReport> = {
      sinks: [{ ...sink, deadValues: 0, expiringWithinMinutes: { 10: 0, 60: 0 } }],
      state: Object.fromEntries(this.states),
    };
    return Promise.resolve(report as QueueReport);
  }

  append(): Promise<Appended> {
    throw new Error('not part of this fake: use store()');
  }

  registerSinks(): Promise<void> {
    throw new Error('not part of this fake');
  }

  confirmBoot(): Promise<void> {
    throw new Error('not part of this fake');
  }

  endSafeMode(): Promise<void> {
    throw new Error('not part of this fake');
  }

  onForeignChange(): void {
    throw new Error('not part of this fake');
  }

  close(): Promise<void> {
    throw new Error('not part of this fake');
  }

  #take(id: number): OpenClaim {
    const claim = this.#open.get(id);
    if (claim === undefined) throw new Error(`claim ${id} is not open`);
    this.#open.delete(id);
    return claim;
  }

  #moveOn({ device, quantity }: DeadLetterDraft, [at, value]: readonly [EpochMs, number], route: string): void {
    const origin = { device, serial: null, source: 'test' };
    this.#stored.push({ id: this.#stored.length + 1, origin, at, values: { [quantity]: value }, route, aside: null });
  }
}

function valueKey(device: string, quantity: string, at: EpochMs, value: number): string {
  return `${device} ${quantity} ${at} ${value}`;
}
