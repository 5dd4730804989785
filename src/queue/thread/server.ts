/**
 * The queue's thread: answers calls one by one, runs long work between them, and looks after what nobody calls for: the
 * commit of what waits, changes by other processes, the main loop's beat.
 *
 * States: serving, until `close` is called, or until the database turns out damaged, a sync fails or a file is taken away; then
 * nothing more is answered. While writes fail, a note beside the database says so.
 */
import { dirname, join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { SECOND, type MonoMs } from '../../model/time.ts';
import { LOCK_FILE } from '../file/data-dir.ts';
import { FilesInPlace } from '../file/files-in-place.ts';
import type { Lock } from '../file/lock.ts';
import { markDamaged } from '../file/quarantine.ts';
import { isFailedSync, troubleOf } from '../file/sqlite-error.ts';
import { forgetTrouble, noteTrouble } from '../file/storage-note.ts';
import { transferables } from '../../model/reading-columns.ts';
import type { Claim } from '../queue.ts';
import { salvage } from '../work/salvage.ts';
import type { Store } from '../work/store.ts';
import { AppendUnpacker } from './append-parcel.ts';
import { AppendRhythm } from './append-rhythm.ts';
import { Jobs } from './jobs.ts';
import type { Reply, Request } from './protocol.ts';
import { killProcess, type Watchdog } from './watchdog.ts';
import { toWire } from './wire-error.ts';

/** Longer only where an append is expected, which takes a settle along: each commit of its own wears the card out. */
const UNSETTLED_FOR = SECOND;
const LOOK_EVERY = SECOND;
/** Failing writes in a row after which a fresh start is worth more than another try. */
const STRIKES = 3;

type Call = Extract<Request, { kind: 'call' }>;

export interface ServerParts {
  readonly store: Store;
  readonly path: string;
  readonly bootId: string;
  readonly lock: Lock;
  readonly port: MessagePort;
  readonly clock: Clock;
  readonly log: Log;
  readonly watchdog: Watchdog;
  readonly watchdogMs: number;
}

export class Server {
  readonly #parts: ServerParts;
  readonly #appends = new AppendUnpacker();
  readonly #jobs = new Jobs();
  readonly #salvage = new Jobs();
  readonly #rhythm = new AppendRhythm();
  readonly #files: FilesInPlace;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #unsettledSince: MonoMs | null = null;
  #dataVersion: unknown;
  #strikes = 0;
  #noted = true;
  /** The last append failed: that something smaller can be written says nothing. */
  #appendFails = false;
  /** There was no room for all that a damaged file gives. */
  #salvageWaits = false;
  #closing = false;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    const { path } = parts;
    this.#files = new FilesInPlace({ database: path, wal: `${path}-wal`, lock: join(dirname(path), LOCK_FILE) });
  }

  start(): void {
    const { port } = this.#parts;
    this.#dataVersion = this.#readDataVersion();
    this.#parts.store.database.whenWritten(() => this.#written());
    this.#written();
    this.#look = setInterval(() => {
      this.#assertInPlace();
      this.#guarded(() => this.#lookAround());
    }, LOOK_EVERY);
    port.on('message', (request: Request) => this.#handle(request));
  }

  /** The file was found damaged: the next opening moves it aside. Ends the thread, and with it the process. */
  damaged(reason: string): never {
    markDamaged(this.#parts.path);
    throw new Error(`the database is damaged: ${reason}`);
  }

  #handle(request: Request): void {
    if (request.kind === 'state') {
      this.#parts.store.putState(request.key, request.value, this.#parts.clock.monoMs(), request.withinMs);
      this.#arm();
      return;
    }
    this.#answer(request)
      .catch((error: unknown) => {
        this.#appendFails ||= request.method === 'append';
        this.#reply({ kind: 'failure', id: request.id, error: toWire(error) });
        this.#judge(error);
      })
      .finally(() => (request.method === 'close' ? this.#end() : this.#arm()));
  }

  async #answer(call: Call): Promise<void> {
    const answer = await this.#perform(call);
    if (call.method === 'append') this.#appended();
    // Either has made room, as far as it can.
    if (this.#salvageWaits && (call.method === 'advance' || call.method === 'keepBounds')) this.#startSalvage();
    const claim = call.method === 'claim' ? (answer as Claim | null) : null;
    this.#reply({ kind: 'answer', id: call.id, answer }, claim === null ? [] : transferables(claim.readings));
  }

  /** Before it is answered: what went into a file that is gone must not be acknowledged. */
  #appended(): void {
    this.#rhythm.appended(this.#parts.clock.monoMs());
    this.#assertInPlace();
    this.#appendFails = false;
    this.#written();
  }

  #perform(call: Call): unknown {
    const { store } = this.#parts;
    switch (call.method) {
      case 'append':
        return store.append(this.#appends.unpack(call.argument));
      case 'claim':
        return store.claim(call.argument);
      case 'settle':
        return store.settle(call.argument);
      case 'commitSettled':
        return store.flush();
      case 'release':
        return store.release(call.argument);
      case 'advance':
        return this.#jobs.run(store.advance(call.argument));
      case 'keepBounds':
        return this.#jobs.run(store.keepBounds(call.argument));
      case 'confirmBoot':
        return this.#jobs.run(store.confirmBoot(call.argument));
      case 'report':
        return store.report(call.argument);
      case 'registerSinks':
        store.registerSinks(call.argument);
        this.#startSalvage();
        return null;
      case 'endSafeMode':
        return store.endSafeMode(this.#parts.clock.monoMs());
      case 'close':
        return this.#close();
      default:
        throw new Error(`no such call: ${JSON.stringify(call)}`);
    }
  }

  /** Beside all else, for as long as it takes; from where it stopped. */
  #startSalvage(): void {
    const { store, bootId, log } = this.#parts;
    const waited = this.#salvageWaits;
    this.#salvageWaits = false;
    this.#salvage.run(salvage(store, bootId)).catch((error: unknown) => {
      if (troubleOf(error) === 'corrupt') this.damaged(String(error));
      this.#salvageWaits = troubleOf(error) === 'full';
      if (this.#closing || (waited && this.#salvageWaits)) return;
      log.error({ err: error }, 'damaged readings could not all be taken over');
    });
  }

  /** Sets the timer for the commit of what waits. */
  #arm(): void {
    if (this.#closing) return;
    const { store, clock } = this.#parts;
    const now = clock.monoMs();
    this.#unsettledSince = store.hasUnsettled ? (this.#unsettledSince ?? now) : null;
    const due = Math.min(this.#settleDueAt, store.stateDueAt ?? Number.POSITIVE_INFINITY);
    clearTimeout(this.#timer);
    if (due === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#guarded(() => this.#flush()), Math.max(0, due - now));
  }

  get #settleDueAt(): MonoMs {
    const since = this.#unsettledSince;
    if (since === null) return Number.POSITIVE_INFINITY;
    return Math.max(since + UNSETTLED_FOR, this.#rhythm.expectedMono);
  }

  #flush(): void {
    this.#parts.store.flush();
    this.#arm();
  }

  /** SQLite goes on writing to a file that was deleted under it; nothing of that would be there after a restart. */
  #assertInPlace(): void {
    const missing = this.#files.missing();
    if (missing === null) return;
    // What is only in the WAL is still within reach of this connection.
    if (missing.name === 'wal') this.#parts.store.database.checkpoint();
    throw new FileGone(missing.path);
  }

  #lookAround(): void {
    const { watchdog, watchdogMs, clock } = this.#parts;
    if (watchdog.isStuck(clock.monoMs())) killProcess('the main loop has not moved', watchdogMs);
    const version = this.#readDataVersion();
    if (version !== this.#dataVersion) this.#reply({ kind: 'foreign-change' });
    this.#dataVersion = version;
  }

  /** Changes when another connection has committed. */
  #readDataVersion(): unknown {
    return this.#parts.store.database.connection.pragma('data_version', { simple: true });
  }

  /** For what no caller waits for. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'the queue could not write; what waits is tried again');
      this.#judge(error);
      this.#timer = setTimeout(() => this.#guarded(() => this.#flush()), UNSETTLED_FOR);
    }
  }

  #judge(error: unknown): void {
    const trouble = troubleOf(error);
    if (trouble === 'corrupt') this.damaged(String(error));
    if (trouble === 'full' || trouble === 'io') this.#note(trouble === 'full' ? 'full' : 'failing', error);
    if (isFailedSync(error) || error instanceof FileGone) throw error;
    if (trouble === 'io' && ++this.#strikes >= STRIKES) throw error;
  }

  #note(kind: 'full' | 'failing', error: unknown): void {
    if (this.#noted) return;
    this.#noted = true;
    const message = error instanceof Error ? error.message : String(error);
    noteTrouble(this.#parts.path, { kind, message });
  }

  #written(): void {
    if (this.#appendFails) return;
    this.#strikes = 0;
    if (this.#noted) forgetTrouble(this.#parts.path);
    this.#noted = false;
  }

  async #close(): Promise<void> {
    this.#closing = true;
    await Promise.all([this.#jobs.stop(), this.#salvage.stop()]);
    try {
      this.#parts.store.close();
    } finally {
      this.#parts.lock.release();
    }
  }

  #end(): void {
    clearInterval(this.#look);
    clearTimeout(this.#timer);
    this.#parts.port.close();
  }

  #reply(reply: Reply, transfer: ArrayBuffer[] = []): void {
    this.#parts.port.postMessage(reply, transfer);
  }
}

class FileGone extends Error {
  constructor(path: string) {
    super(`${path} was removed or replaced`);
  }
}
