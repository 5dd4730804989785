import { MINUTE, minuteOf, type EpochMs, type Minute } from '../../src/model/time.ts';
import type { ReplayRequest } from '../../src/queue/inspector.ts';
import type { ClaimRequest, ReplayReport } from '../../src/queue/queue.ts';
import { byMinute, takeBatch, type Item } from './batch.model.ts';
import { ModelClaim } from './claim.model.ts';
import type { QueueModel } from './queue.model.ts';
import { sizeOf, type ModelReading } from './reading.model.ts';
import type { ModelSink } from './sink.model.ts';

interface Plan {
  readonly total: number;
  readonly asMetrics: number;
  readonly late: number;
  readonly tooOld: number;
}

/** Stored readings sent once more: no ledger knows of it. */
export class ModelReplay {
  readonly sink: ModelSink;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly device: string | undefined;
  readonly plan: Plan;
  state: ReplayReport['state'] = 'queued';
  /** The newest minute not done, and what of it is behind it: sent, or passed by because it was pending then. */
  cursor: Minute;
  passedInCursor: ReadonlySet<ModelReading> = new Set();
  #sent = { asMetrics: 0, late: 0, tooOld: 0 };

  constructor(sink: ModelSink, { from, to, device }: Pick<ReplayRequest, 'from' | 'to' | 'device'>, plan: Plan) {
    this.sink = sink;
    this.from = from;
    this.to = to;
    this.device = device;
    this.plan = plan;
    this.cursor = Math.ceil(to / MINUTE) - 1;
  }

  get isUnfinished(): boolean {
    return this.state === 'queued' || this.state === 'running';
  }

  concerns({ at, device, unknown }: ModelReading): boolean {
    return !unknown && at >= this.from && at < this.to && (this.device === undefined || device === this.device);
  }

  /** Items from its cursor on were sent; to the end of the last one's minute, or not. */
  sent(items: readonly Item[], isWhole: boolean, { readings }: QueueModel): void {
    const last = items.at(-1);
    if (last?.kind !== 'reading') return;
    this.state = 'running';
    this.cursor = isWhole ? last.minute - 1 : last.minute;
    this.passedInCursor = new Set(isWhole ? [] : readings.slice(0, readings.indexOf(last.reading) + 1));
  }

  count(route: string, values: number, tooOld: number): void {
    this.#sent[route === this.sink.firstRoute ? 'asMetrics' : 'late'] += values;
    this.#sent.tooOld += tooOld;
  }

  /** What was planned and not sent has become too old, or is gone. */
  finish(): void {
    this.state = 'done';
    const { asMetrics, late, tooOld } = this.#sent;
    this.#sent.tooOld = Math.max(this.plan.total - asMetrics - late, tooOld);
  }

  report(): Omit<ReplayReport, 'id'> {
    const { asMetrics, late, tooOld } = this.#sent;
    const done = asMetrics + late + tooOld;
    const common = { sink: this.sink.name, from: this.from, to: this.to, done, state: this.state };
    return this.state === 'done' ? { ...common, ...this.#sent, total: done } : { ...common, ...this.plan };
  }
}

/** From the newest minute to the oldest, until one belongs to another route; then that route goes on. One batch at a time. */
export function nextOfReplay(model: QueueModel, sink: ModelSink, request: ClaimRequest): ModelClaim | null {
  for (const replay of model.replays) {
    if (replay.sink !== sink || !replay.isUnfinished) continue;
    if (model.open.some((claim) => claim.replay === replay)) return null;
    const minutes: Item[][] = [];
    let waits = false;
    for (const minute of minutesStored(model, replay, request.dueBefore)) {
      const route = routeOf(minute, sink, request);
      waits = route !== null && route !== request.route;
      if (route !== request.route) break;
      const readings = model.readings.filter(
        (reading) =>
          minuteOf(reading.at) === minute &&
          replay.concerns(reading) &&
          !sink.owed.has(reading) &&
          !(minute === replay.cursor && replay.passedInCursor.has(reading)),
      );
      minutes.push(...byMinute(readings, true));
    }
    const batch = takeBatch(minutes, request, model.bounds);
    if (batch.taken.length > 0) return new ModelClaim(sink, request, { ...batch, more: batch.more || waits }, replay);
    if (waits) return null;
    model.commit();
    replay.finish();
  }
  return null;
}

/** What a replay asked for now would send, of what is stored and not pending. */
export function planOf(model: QueueModel, sink: ModelSink, { from, to, device }: ReplayRequest): ModelReplay {
  const plan = { total: 0, asMetrics: 0, late: 0, tooOld: 0 };
  const replay = new ModelReplay(sink, { from, to, ...(device === undefined ? {} : { device }) }, plan);
  for (const reading of model.readings) {
    if (!replay.concerns(reading) || sink.owed.has(reading)) continue;
    const minute = minuteOf(reading.at);
    const route = sink.routes.findIndex(({ behindMs }) => minute * MINUTE >= model.now - behindMs);
    plan.total += sizeOf(reading);
    plan[route === 0 ? 'asMetrics' : route > 0 ? 'late' : 'tooOld'] += sizeOf(reading);
  }
  return replay;
}

function minutesStored(model: QueueModel, { from, cursor }: ModelReplay, dueBefore: Minute): Minute[] {
  const minutes = new Set(model.readings.map(({ at }) => minuteOf(at)));
  return [...minutes]
    .filter((minute) => minute <= cursor && minute < dueBefore && (minute + 1) * MINUTE > from)
    .sort((a, b) => b - a);
}

/** The first route whose window still holds a minute; `dueBefore` stands for the present on the others. */
function routeOf(minute: Minute, { routes }: ModelSink, { route, oldest, dueBefore }: ClaimRequest): string | null {
  const found = routes.find(
    ({ name, behindMs }) => minute >= (name === route ? oldest : dueBefore - behindMs / MINUTE),
  );
  return found?.name ?? null;
}
