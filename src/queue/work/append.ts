import type { Minute } from '../../model/time.ts';
import type { Append, Appended, SourceCounts } from '../queue.ts';
import { nextId, setNextId } from '../tables/ids.ts';
import { storedMinuteOf } from '../tables/reading-key.ts';
import { DEVICE_TIME_ONLY, TIME_UNKNOWN } from '../tables/readings.ts';
import type { Tables } from '../tables/tables.ts';
import { encodeValues } from '../values-codec.ts';
import type { CurrentBoot } from './current-boot.ts';
import type { Duplicates } from './duplicates.ts';
import { firstRoute, type KnownSinks } from './known-sinks.ts';
import type { ReadingInserts } from './reading-inserts.ts';
import { SourceTally } from './source-tally.ts';

interface Amount {
  readings: number;
  values: number;
}

interface Progress {
  readonly firstId: number;
  readonly owed: Map<Minute, Amount>;
  readonly tallies: Map<string, SourceTally>;
  nextId: number;
  values: number;
  unknownValues: number;
  newestAt: number;
  newestReceived: number;
}

/** Stores readings, owes them to every sink and counts, within the caller's transaction. */
export class Appender {
  readonly #tables: Tables;
  readonly #sinks: KnownSinks;
  readonly #boot: CurrentBoot;
  readonly #inserts: ReadingInserts;
  readonly #duplicates: Duplicates;

  constructor(tables: Tables, sinks: KnownSinks, boot: CurrentBoot, inserts: ReadingInserts, duplicates: Duplicates) {
    this.#tables = tables;
    this.#sinks = sinks;
    this.#boot = boot;
    this.#inserts = inserts;
    this.#duplicates = duplicates;
  }

  append(append: Append): Appended {
    const { counters } = this.#tables;
    const firstId = nextId(counters);
    const progress: Progress = {
      firstId,
      owed: new Map(),
      tallies: new Map(),
      nextId: firstId,
      values: 0,
      unknownValues: 0,
      newestAt: 0,
      newestReceived: 0,
    };
    this.#store(append, progress);
    const readings = progress.nextId - firstId;
    if (readings > 0) setNextId(counters, progress.nextId);
    this.#owe(progress);
    for (const counts of append.counts) this.#countMessages(counts, progress);
    for (const [source, tally] of progress.tallies) tally.write(this.#tables, source);
    counters.add('queue', 'stored', readings);
    if (progress.newestReceived > 0) counters.set('queue', 'last_commit_at', progress.newestReceived);
    if (this.#boot.confirmed && progress.newestAt > 0) counters.raise('queue', 'newest_at', progress.newestAt);
    let duplicates = 0;
    for (const tally of progress.tallies.values()) duplicates += tally.duplicates;
    return { readings, values: progress.values, duplicates, evicted: 0 };
  }

  /** Message by message: one all of whose readings are stored already is a duplicate, any other was used. */
  #store(append: Append, progress: Progress): void {
    const { readings, message } = append;
    const origins = readings.origins.map((origin) => this.#tables.origins.idOf(origin));
    const shapes = readings.shapes.map((shape) => this.#tables.shapes.idOf(shape));
    for (let i = 0; i < readings.length;) {
      const before = progress.nextId;
      const current = message[i];
      const source = readings.origins[readings.origin[i] ?? 0]?.source ?? '';
      const tally = tallyOf(progress, source);
      for (let stored = false; i < readings.length && message[i] === current; i++) {
        if (append.derived?.[i] === 1 && !stored) continue;
        const origin = origins[readings.origin[i] ?? 0] ?? 0;
        const shape = shapes[readings.shape[i] ?? 0] ?? 0;
        stored = this.#storeOne(append, i, origin, shape, progress, tally);
      }
      if (progress.nextId === before) tally.duplicates++;
      else tally.used++;
    }
    this.#inserts.flush();
  }

  /** False when it is stored already. */
  #storeOne(append: Append, i: number, origin: number, shape: number, progress: Progress, tally: SourceTally): boolean {
    const { readings } = append;
    const at = readings.at[i] ?? 0;
    const from = readings.first[i] ?? 0;
    const to = readings.first[i + 1] ?? from;
    const data = encodeValues(readings.values, from, to);
    const minute = storedMinuteOf(at);
    const given = append.deviceTime[i] ?? Number.NaN;
    const deviceTime = Number.isNaN(given) ? null : given;
    const likeness = deviceTime === null ? null : { minute, origin, shape, deviceTime, data };
    if (likeness !== null && this.#duplicates.isStored(likeness)) return false;

    const id = progress.nextId++;
    const received = Math.round(append.receivedAt[i] ?? at);
    const unknown = append.timeUnknown[i] === 1;
    const deviceOnly = append.onlyDeviceTime?.[i] === 1;
    this.#inserts.insert({
      minute,
      id,
      origin,
      shape,
      at,
      received: received === at ? null : received,
      mono: Math.round(append.mono[i] ?? 0),
      deviceTime,
      boot: this.#boot.id,
      flags: (unknown ? TIME_UNKNOWN : 0) | (deviceOnly ? DEVICE_TIME_ONLY : 0),
      data,
    });
    if (likeness !== null) this.#duplicates.add(likeness, id);
    const values = to - from;
    // What waited at the broker says nothing of whether the device still speaks.
    tally.store(values, unknown || deviceOnly ? null : received);
    progress.values += values;
    progress.newestReceived = Math.max(progress.newestReceived, received);
    if (unknown) {
      progress.unknownValues += values;
      return true;
    }
    progress.newestAt = Math.max(progress.newestAt, Math.round(at));
    const amount = progress.owed.get(minute);
    if (amount === undefined) {
      progress.owed.set(minute, { readings: 1, values });
      this.#boot.mark(minute);
    } else {
      amount.readings++;
      amount.values += values;
    }
    return true;
  }

  #owe(progress: Progress): void {
    const { owed, counters } = this.#tables;
    const through = progress.firstId - 1;
    for (const sink of this.#sinks.all) {
      const route = firstRoute(sink);
      let accepted = sink.removed ? 0 : progress.values;
      for (const [minute, { readings, values }] of progress.owed) {
        // What a sink is owed of a minute is all of it above an id, also when the sink was removed meanwhile.
        if (sink.removed && owed.get(sink.id, minute) === null) continue;
        owed.owe({ sink: sink.id, minute, route, through, readings, values });
        if (sink.removed) accepted += values;
      }
      counters.add(`sink:${sink.name}`, 'accepted', accepted);
      counters.add(`sink:${sink.name}`, 'expired', sink.removed ? 0 : progress.unknownValues);
    }
  }

  #countMessages(counts: SourceCounts, progress: Progress): void {
    const { source, refused, ignored, refusedFields, merged = 0, lastRefusal } = counts;
    const tally = tallyOf(progress, source);
    tally.used += merged;
    tally.refused += refused;
    tally.ignored += ignored;
    tally.refusedFields += refusedFields;
    if (lastRefusal !== null) this.#tables.sources.refuse(source, lastRefusal);
  }
}

function tallyOf(progress: Progress, source: string): SourceTally {
  let tally = progress.tallies.get(source);
  if (tally === undefined) progress.tallies.set(source, (tally = new SourceTally()));
  return tally;
}
