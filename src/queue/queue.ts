/**
 * The queue as the rest of the gateway sees it: a log of readings in SQLite, with what each sink is owed.
 *
 * Design constraints
 * - A promise that resolved means fsynced (WAL, synchronous=FULL), except where a method says otherwise.
 * - Every count changes in the transaction of what it counts; the ledger of each sink balances after every transaction:
 *   accepted = delivered + late + pending + expired + evicted + deadLettered.
 * - A sink is owed whole minutes: owed(sink, minute, route, through): the readings of that minute with an id above
 *   `through`. A sink is owed a minute on one route at a time. Of a minute too large for one claim whole devices are settled at a
 *   time: owed_parts says how far that has come.
 * - Nothing here knows time by itself: every "now" is an argument.
 *
 * It does not know: MQTT, HTTP, profiles, wire formats, why something is retried.
 */
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { Quantity } from '../model/reading.ts';
import type { DurationMs, EpochMs, Minute, MonoMs } from '../model/time.ts';

export interface Queue {
  /** Stores readings and counts in one transaction. At most one append is in flight; the caller holds the next back. */
  append(append: Append): Promise<Appended>;

  /**
   * The next batch a lane may send, or null when nothing is due, or while the boot is not confirmed. At most one open claim
   * per sink, route and lane, and one behind it.
   */
  claim(request: ClaimRequest): Promise<Claim | null>;
  /**
   * Settles a claim: counts its first `readings` readings as delivered (by the claim's route: `late` on a late route),
   * except those listed; the rest stays owed. Not durable at once: it rides in the next commit, at the latest before the
   * next claim of the same sink, route and lane, or one second later, or a few where an append is expected by then. A settle
   * lost in a crash means a resend.
   */
  settle(settlement: Settlement): Promise<void>;
  /** Makes durable what was settled so far. */
  commitSettled(): Promise<void>;
  /** Gives a claim back; everything in it stays owed. */
  release(claim: number): Promise<void>;

  /**
   * Moves time on: minutes older than a route's window go to the sink's next route or expire, `ttl` and `retention` are
   * applied, the byte budget is kept. In chunks; an append may come between. Readings on their way, and readings whose time
   * is provisional, are left for later.
   */
  advance(now: EpochMs): Promise<Advanced>;

  /**
   * Keeps the byte budget and the free disk space, as `advance` does, without moving time: for as long as no clock is believed.
   * `now` is only noted where something had to be evicted.
   */
  keepBounds(now: EpochMs): Promise<Pick<Advanced, 'evicted' | 'pruned'>>;

  /** Tells which sinks exist now. Sinks that are stored but not listed become `removed`. Call before the first append. */
  registerSinks(sinks: readonly SinkRegistration[]): Promise<void>;

  /**
   * Fixes the time of this boot's readings for good. With `correction`, each is restamped as
   * `correction.wallMs - (correction.monoMs - reading.mono)`, or by its device's time where that is trusted now.
   */
  confirmBoot(correction: Correction | null): Promise<void>;

  /** Persists a small JSON document under a key (`daemon`, `clock`, `source:meter`, `sink:dynatrace:metrics` …) with the next commit, or within `withinMs`. */
  putState(key: string, value: unknown, withinMs: DurationMs): void;

  /** A consistent view for status and the health metrics. */
  report(now: EpochMs): Promise<QueueReport>;

  /** Called when another process changed the file (a replay was asked for, dead letters are to be retried). */
  onForeignChange(listener: () => void): void;

  /** What `Opening.safeForMs` held back begins now; durable, so that a crash from then on is held against it. */
  endSafeMode(): Promise<void>;

  /** Finishes what is in flight, checkpoints, marks a clean stop, and releases the lock. */
  close(): Promise<void>;
}

export interface QueueOptions {
  /** The data directory: holds `queue.db` and `lock.db`; created with mode 0700. */
  readonly dataDir: string;
  readonly ttlMs: DurationMs;
  readonly retentionMs: DurationMs;
  readonly budgetBytes: number;
  readonly minFreeDiskBytes: number;
  /** This boot, from the kernel. */
  readonly bootId: string;
}

/** What the queue found when it was opened. */
export interface Opening {
  /** The last stop was not clean. */
  readonly unclean: boolean;
  /** After a crash loop: for how long to collect only. 0: not at all. */
  readonly safeForMs: DurationMs;
  /** The newest time stored: a wall clock before it is wrong. */
  readonly newestAt: EpochMs | null;
  /** Readings of earlier boots that were never confirmed, expired at this opening with the reason `time unknown`. */
  readonly expiredUnknownTime: number;
  readonly databaseId: string;
  readonly salvaged: Salvage | null;
}

export interface Salvage {
  readonly at: EpochMs;
  readonly movedTo: string;
  readonly readingsRecovered: number;
  /** How many more the damaged file said it held; null while that is not known, or when it could not say. */
  readonly readingsLost: number | null;
  readonly done: boolean;
}

export interface Append {
  /** `at` is the reading's time as the intake decided it; provisional while the boot is unconfirmed. */
  readonly readings: ReadingColumns;
  /** Per reading. */
  readonly receivedAt: Float64Array<ArrayBuffer>;
  readonly mono: Float64Array<ArrayBuffer>;
  /** NaN: the device gave none. */
  readonly deviceTime: Float64Array<ArrayBuffer>;
  /** 1: it has no known time; stored for the history, counted as accepted and expired at once, owed to nobody. */
  readonly timeUnknown: Uint8Array<ArrayBuffer>;
  /**
   * 1: when it came says nothing (it waited at the broker), so only its device's time can be its time; only while the boot
   * is unconfirmed. `confirmBoot` gives it its device's time where that is trusted by then, else expires it: `time unknown`.
   */
  readonly onlyDeviceTime?: Uint8Array<ArrayBuffer>;
  /** 1: it follows from the reading before it, and is stored only if that one is: of a duplicate nothing new follows. */
  readonly derived?: Uint8Array<ArrayBuffer>;
  /** Index of the message it came in, from 0, ascending. A message all of whose readings are stored already is a duplicate. */
  readonly message: Uint32Array<ArrayBuffer>;
  /** Per source: messages that gave no reading, and what else to count. */
  readonly counts: readonly SourceCounts[];
}

export interface SourceCounts {
  readonly source: string;
  readonly refused: number;
  readonly ignored: number;
  readonly refusedFields: number;
  /** Messages all of whose values went into readings of earlier messages; counted as used. Default 0. */
  readonly merged?: number;
  readonly lastRefusal: Refusal | null;
}

export interface Refusal {
  readonly at: EpochMs;
  readonly topic: string;
  readonly reason: string;
}

export interface Appended {
  readonly readings: number;
  readonly values: number;
  /** Messages, not readings. */
  readonly duplicates: number;
  /** Free space ran out or the budget was reached so badly that nothing was stored: then the append was rejected instead. */
  readonly evicted: number;
}

/** `live`: minutes from `liveFrom` on, newest first. `backlog`: older ones, oldest first. `retry`: dead letters asked for again. */
export type Lane = 'live' | 'backlog' | 'retry' | 'replay';

export interface ClaimRequest {
  readonly sink: string;
  readonly route: string;
  readonly lane: Lane;
  /** Only minutes before this one (for raw resolution: the minute after the current one). */
  readonly dueBefore: Minute;
  readonly liveFrom: Minute;
  /** Minutes before this one are too old for the route; `advance` will move them. */
  readonly oldest: Minute;
  /**
   * At most so many items: distinct (minute, origin, quantity) when folded, values when raw, readings on a late route. Folded,
   * the first minute is taken whole, whatever it becomes, since a series cut in two would be two lines; of one that memory does not
   * hold, as many whole devices as it does.
   */
  readonly maxItems: number;
  readonly count: 'folded' | 'values' | 'readings';
  /**
   * The lane's open claim, of the lane `backlog`: what follows it is asked for. Settle that one first, and whole; else release this
   * one, of which what begins in the other's last minute would stay owed anyway.
   */
  readonly behind?: number;
}

export interface Claim {
  readonly id: number;
  /**
   * By minute in the lane's order, then by id ascending; of a minute taken device by device, by device and then by id. `id` is set.
   * A minute's readings are contiguous.
   */
  readonly readings: ReadingColumns;
  /** More is due behind it, or was passed by because it depends on the claim this one was asked behind. */
  readonly more: boolean;
  /** The replay it belongs to, on the replay lane. */
  readonly replay: number | null;
}

export interface Settlement {
  readonly claim: number;
  /** How many of its readings, from the first, are settled. */
  readonly readings: number;
  readonly deadLetters: readonly DeadLetterDraft[];
  /** Values this route refused because they are outside its window by now: owed on the sink's next route (expired without one). */
  readonly tooOld: readonly DeadLetterDraft[];
  readonly now: EpochMs;
}

/** The values of one refused line: one device and quantity, with the times they were measured. */
export interface DeadLetterDraft {
  readonly device: string;
  readonly quantity: Quantity;
  readonly samples: readonly (readonly [at: EpochMs, value: number])[];
  /** The sink's text. */
  readonly reason: string;
}

export interface Advanced {
  readonly wentLate: number;
  readonly expired: number;
  readonly evicted: number;
  readonly pruned: number;
}

export interface SinkRegistration {
  readonly name: string;
  readonly type: string;
  readonly backfill: boolean;
  /** In order of preference. */
  readonly routes: readonly { readonly name: string; readonly behindMs: DurationMs }[];
}

export interface Correction {
  /** A pair of the true time and the monotonic clock at one instant. */
  readonly wallMs: EpochMs;
  readonly monoMs: MonoMs;
  /** By source: how far a device's own time may be from the corrected receive time. */
  readonly trustTime: Readonly<Record<string, { readonly behindMs: DurationMs; readonly aheadMs: DurationMs }>>;
}

export interface QueueReport {
  readonly path: string;
  readonly databaseId: string;
  readonly pendingReadings: number;
  readonly pendingValues: number;
  readonly oldestPendingAt: EpochMs | null;
  readonly storedReadings: number;
  readonly sizeBytes: number;
  readonly budgetBytes: number;
  readonly diskFreeBytes: number;
  readonly lastCommitAt: EpochMs | null;
  readonly intake: IntakeCounts;
  readonly sources: readonly SourceReport[];
  readonly sinks: readonly SinkReport[];
  readonly replays: readonly ReplayReport[];
  /** The documents of `putState`, by key. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly salvaged: Salvage | null;
  /** What keeps the daemon from storing readings. */
  readonly storage: StorageTrouble | null;
  /** When readings were last evicted while pending. */
  readonly lastEvictionAt: EpochMs | null;
}

export interface StorageTrouble {
  /** Since when; null when that is not known. */
  readonly at: EpochMs | null;
  readonly kind: 'full' | 'failing';
  /** The system's own words. */
  readonly message: string;
}

export interface IntakeCounts {
  readonly messages: number;
  readonly used: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly ignored: number;
  readonly refusedFields: number;
  readonly readings: number;
  readonly values: number;
}

export interface SourceReport extends IntakeCounts {
  readonly name: string;
  readonly lastReadingAt: EpochMs | null;
  readonly lastRefusal: Refusal | null;
}

export interface Ledger {
  readonly accepted: number;
  readonly delivered: number;
  readonly late: number;
  readonly pending: number;
  readonly expired: number;
  readonly evicted: number;
  readonly deadLettered: number;
}

export interface SinkReport {
  readonly name: string;
  readonly type: string;
  readonly removed: boolean;
  readonly ledger: Ledger;
  /** Values in dead letters that were neither retried nor purged. */
  readonly deadValues: number;
  readonly routes: readonly { readonly name: string; readonly pendingValues: number }[];
  /** What no route takes any more within so many minutes. */
  readonly expiringWithinMinutes: { readonly 10: number; readonly 60: number };
}

export interface ReplayReport {
  readonly id: number;
  readonly sink: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly total: number;
  readonly asMetrics: number;
  readonly late: number;
  readonly tooOld: number;
  readonly done: number;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
}
