/**
 * The queue on its own thread: every operation on the daemon's connection, synchronous. Long work comes as a generator that
 * yields between transactions, so that an append never waits for more than one of them.
 *
 * Invariant: whatever is committed carries the unsettled results and the waiting state documents with it.
 */
import type BetterSqlite3 from 'better-sqlite3';
import type { DiskSpace } from '../../platform/disk-space.ts';
import type {
  Append,
  Advanced,
  Appended,
  Claim,
  ClaimRequest,
  Correction,
  QueueOptions,
  QueueReport,
  Settlement,
  SinkRegistration,
} from '../queue.ts';
import type { DurationMs, EpochMs, MonoMs } from '../../model/time.ts';
import { troubleOf } from '../file/sqlite-error.ts';
import { markStopped } from '../file/stray-wal.ts';
import { Ageing } from './ageing.ts';
import { Appender } from './append.ts';
import { claimRoom, type ClaimRoom } from './claim-room.ts';
import { Claims } from './claims.ts';
import { Confirming } from './confirming.ts';
import type { Run } from './crash-loop.ts';
import { CurrentBoot } from './current-boot.ts';
import { Database } from './database.ts';
import { DiskGuard } from './disk-guard.ts';
import { Duplicates } from './duplicates.ts';
import { gatherLetters } from './gather-letters.ts';
import { gatherOwed } from './gather-owed.ts';
import { gatherReplay } from './gather-replay.ts';
import type { ClaimBounds } from './item-limit.ts';
import { KnownSinks } from './known-sinks.ts';
import type { Gathered } from './open-claim.ts';
import { Pruning, type Pruned } from './pruning.ts';
import { ReadingInserts } from './reading-inserts.ts';
import { registerSinks } from './registering.ts';
import { reportOf } from './report.ts';
import { RunRecord } from './run-record.ts';
import { applySettlement } from './settle.ts';
import { StateWriter } from './state-writer.ts';
import type { Boot } from '../tables/boots.ts';
import type { OwedMinute } from '../tables/owed.ts';
import type { StoredSink } from '../tables/sinks.ts';
import { expireUnconfirmed } from './unknown-time.ts';

export interface StoreParts {
  /** When this start began. */
  readonly startedMono: MonoMs;
  readonly connection: BetterSqlite3.Database;
  readonly path: string;
  readonly options: QueueOptions;
  readonly diskSpace: DiskSpace;
  /** Default: what a small machine has the memory for. */
  readonly claimBounds?: ClaimBounds | undefined;
}

export class Store {
  readonly database: Database;
  readonly sinks: KnownSinks;
  readonly boot: CurrentBoot;
  /** Readings of earlier boots that were expired at this opening. */
  readonly expiredUnknownTime: number;
  /** How long this run is to collect only, see crash-loop.ts. */
  readonly safeForMs: DurationMs;
  readonly #parts: StoreParts;
  readonly #runs: RunRecord;
  readonly #claims = new Claims();
  readonly #room: ClaimRoom;
  readonly #state: StateWriter;
  readonly #inserts: ReadingInserts;
  readonly #duplicates: Duplicates;
  readonly #appender: Appender;
  readonly #ageing: Ageing;
  readonly #pruning: Pruning;
  readonly #guard: DiskGuard;
  readonly #confirming: Confirming;

  constructor(parts: StoreParts) {
    const database = new Database(parts.connection);
    const { tables } = database;
    const { options, diskSpace } = parts;
    this.#parts = parts;
    this.#room = claimRoom(parts.claimBounds);
    this.database = database;
    this.sinks = new KnownSinks(tables.sinks);
    this.expiredUnknownTime = expireUnconfirmed(database, options.bootId, this.sinks.all);
    this.#runs = new RunRecord(tables.meta);
    const { boot, run } = database.commit(() => this.#begin());
    this.boot = new CurrentBoot(tables.boots, boot);
    this.safeForMs = run?.safeForMs ?? 0;
    this.#inserts = new ReadingInserts(tables.readings);
    this.#duplicates = new Duplicates({ ...tables, readings: this.#inserts });
    this.#state = new StateWriter(tables.state);
    this.#appender = new Appender(tables, this.sinks, this.boot, this.#inserts, this.#duplicates);
    this.#ageing = new Ageing(database, this.#claims, this.boot, options.ttlMs);
    this.#pruning = new Pruning(database, this.sinks, this.#claims, this.boot);
    this.#guard = new DiskGuard({ database, pruning: this.#pruning, options, diskSpace });
    this.#confirming = new Confirming(database, this.sinks, this.boot, this.#duplicates);
    database.addRider({ board: () => this.#boardSettlements(), rolledBack: () => this.#forget() });
    database.addRider(this.#state);
    database.addRider(this.#runs);
  }

  /** Rejects, with nothing stored, when the disk is full. */
  append(append: Append): Appended {
    return this.#guard.append(
      () => this.database.commitReadings(() => this.#appender.append(append)),
      newestOf(append.receivedAt),
    );
  }

  claim(request: ClaimRequest): Claim | null {
    this.#claims.assertFree(request);
    const sink = this.sinks.byName(request.sink);
    // Nobody gets to see a time that may still change.
    if (!this.boot.confirmed) return null;
    if (this.#claims.hasUnsettled(request)) this.flush();
    const gathered = request.lane === 'replay' ? this.#gatherReplay(request, sink) : this.#gather(request, sink);
    return gathered === null ? null : this.#claims.open(request, sink, gathered);
  }

  settle(settlement: Settlement): void {
    this.#claims.settle(settlement);
  }

  release(claim: number): void {
    this.#claims.release(claim);
  }

  get hasUnsettled(): boolean {
    return this.#claims.unsettled.length > 0;
  }

  putState(key: string, value: unknown, now: MonoMs, withinMs: DurationMs): void {
    this.#state.put(key, value, now, withinMs);
    this.#runs.seen(now);
  }

  /** What this run held back begins: durable when it returns, so that a crash from then on is blamed on it. */
  endSafeMode(now: MonoMs): void {
    this.#runs.resumed(now);
    this.database.commit(() => undefined);
  }

  /** When a state document must be committed; null when none waits. */
  get stateDueAt(): MonoMs | null {
    return this.#state.dueAt;
  }

  /** Commits what waits for a commit. */
  flush(): void {
    if (this.hasUnsettled || this.#state.dueAt !== null) this.database.commit(() => undefined);
  }

  registerSinks(sinks: readonly SinkRegistration[]): void {
    this.database.commit(() => registerSinks(this.database.tables, sinks));
    this.sinks.reload();
  }

  *confirmBoot(correction: Correction | null): Generator<void, void> {
    yield* this.#confirming.run(correction);
  }

  *advance(now: EpochMs): Generator<void, Advanced> {
    this.#guard.recover();
    const before = yield* this.#flushMakingRoom(now);
    const { wentLate, expired } = yield* this.#ageing.run(this.sinks.all, now);
    const retained = yield* this.#pruning.retain(this.#parts.options.retentionMs, now);
    const { pruned, evicted } = yield* this.#keepWithin(now);
    return { wentLate, expired, evicted: before.evicted + evicted, pruned: before.pruned + retained + pruned };
  }

  *keepBounds(now: EpochMs): Generator<void, Pruned> {
    this.#guard.recover();
    const before = yield* this.#flushMakingRoom(now);
    const { pruned, evicted } = yield* this.#keepWithin(now);
    return { pruned: before.pruned + pruned, evicted: before.evicted + evicted };
  }

  report(now: EpochMs): QueueReport {
    const { connection, path, diskSpace, options } = this.#parts;
    return reportOf(connection, this.database.tables, { path, now, diskSpace, ttlMs: options.ttlMs });
  }

  /** Commits what waits, marks a clean stop and folds the WAL into the file. */
  close(): void {
    const { connection, tables } = this.database;
    try {
      this.database.commit(() => tables.meta.set('clean', true));
      connection.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      connection.close();
    }
    markStopped(this.#parts.path);
  }

  *#keepWithin(now: EpochMs): Generator<void, Pruned> {
    const result = yield* this.#pruning.keepWithin(this.#guard.allowedBytes, now);
    yield* this.#pruning.shrink();
    return result;
  }

  /** In a file at its limit dead letters that wait could keep everything else from being written, for ever. */
  *#flushMakingRoom(now: EpochMs): Generator<void, Pruned> {
    try {
      this.flush();
      return { pruned: 0, evicted: 0 };
    } catch (error) {
      if (troubleOf(error) !== 'full') throw error;
    }
    const removed = yield* this.#pruning.keepWithin(this.#guard.allowedBytes, now);
    this.flush();
    return removed;
  }

  #gather(request: ClaimRequest, sink: StoredSink): Gathered | null {
    const { tables } = this.database;
    if (request.lane === 'retry') return gatherLetters(request, sink, tables, this.#room);
    const { behind } = request;
    const freeFrom = (minute: OwedMinute): number | null => this.#claims.freeFrom(sink.id, minute, behind);
    const gathered = gatherOwed({ request, sink, tables, room: this.#room, freeFrom });
    if (gathered === null || behind === undefined || !this.#claims.isOfDevices(behind)) return gathered;
    // The rest of their minute was passed by.
    return { ...gathered, claim: { ...gathered.claim, more: true } };
  }

  #gatherReplay(request: ClaimRequest, sink: StoredSink): Gathered | null {
    const { tables } = this.database;
    for (let replay = tables.replays.next(sink.id); replay !== null; replay = tables.replays.next(sink.id)) {
      const { id } = replay;
      // One batch at a time, whatever the routes: where it goes on shows only when that one is settled.
      if (this.#claims.holdsReplay(id)) return null;
      const step = gatherReplay(replay, request, sink, tables, this.#room);
      if (step === 'waiting') return null;
      if (step !== 'finished') return step;
      this.database.commit(() => tables.replays.finish(id));
    }
    return null;
  }

  #boardSettlements(): () => void {
    const { unsettled } = this.#claims;
    for (const one of unsettled) {
      applySettlement(this.database.tables, one);
      this.database.tables.counters.raise('queue', 'last_commit_at', Math.round(one.settlement.now));
    }
    return () => this.#claims.committed(unsettled);
  }

  #forget(): void {
    this.#inserts.forget();
    this.#duplicates.forget();
    this.boot.reload();
    this.sinks.reload();
  }

  #begin(): { readonly boot: Boot; readonly run: Run | undefined } {
    const { boots, meta } = this.database.tables;
    const { options, startedMono } = this.#parts;
    const { bootId, budgetBytes, ttlMs } = options;
    meta.databaseId();
    const run = this.#runs.begin({ boot: bootId, startedMono });
    meta.set('clean', false);
    meta.set('settings', { budgetBytes, ttlMs });
    const known = boots.all().find(({ uuid, confirmed }) => uuid === bootId && !confirmed);
    return { boot: known ?? boots.insert(bootId, false), run };
  }
}

/** Null for an append that only counts. */
function newestOf(times: Float64Array): EpochMs | null {
  return times.length === 0 ? null : times.reduce((newest, time) => Math.max(newest, time));
}
