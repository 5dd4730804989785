/**
 * The composition root: the only file that knows every folder. It makes the parts, starts and stops them.
 *
 * Start: queue (lock, database) → clock → sources → dispatcher → housekeeping. Collecting begins before anything that can wait.
 * Stop: sources → intake (last group, last PUBACKs) → dispatcher (requests in flight) → queue (checkpoint, clean mark).
 * Correctness never depends on a clean stop.
 */
import type { Config, SinkConfig } from './config/config.ts';
import { warnedDevices } from './config/site-warnings.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { Housekeeping } from './housekeeping.ts';
import { Intake } from './intake/intake.ts';
import type { DurationMs } from './model/time.ts';
import { BelievedClock } from './platform/believed-clock.ts';
import { readBootId } from './platform/boot-id.ts';
import { systemClock, type Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import { systemRandom } from './platform/random.ts';
import { RELEASED_AT, VERSION } from './platform/release.ts';
import { Systemd } from './platform/systemd.ts';
import { openWhenWritable } from './queue/open-when-writable.ts';
import type { Correction, Opening, Queue } from './queue/queue.ts';
import { DynatraceSink } from './sinks/dynatrace/dynatrace-sink.ts';
import { SafeMode } from './safe-mode.ts';
import type { ConfigSummary } from './report/config-summary.ts';
import type { Sink } from './sinks/sink.ts';
import { inletOptions, makeSource, trustOf } from './make-source.ts';
import type { Source } from './sources/source.ts';

const FIX_TIMES_AGAIN_AFTER: DurationMs = 5_000;
const SOURCES_STOP_WITHIN: DurationMs = 2_000;
const DISPATCHER_STOP_WITHIN: DurationMs = 3_000;

export interface GatewayDependencies {
  readonly log: Log;
  readonly summary: ConfigSummary;
  /** Something the gateway cannot live without has died; the process must end and be started again. */
  readonly onFatal: (error: Error) => void;
  /** The machine's clocks; default: those of this one. */
  readonly clock?: Clock;
}

interface GatewayParts {
  readonly config: Config;
  readonly dependencies: GatewayDependencies;
  readonly queue: Queue;
  readonly opening: Opening;
  readonly sources: readonly Source[];
}

export class Gateway {
  readonly #config: Config;
  readonly #log: Log;
  readonly #queue: Queue;
  readonly #machineClock: Clock;
  readonly #clock: BelievedClock;
  readonly #sinks: readonly Sink[];
  readonly #sources: readonly Source[];
  readonly #intake: Intake;
  readonly #safeMode: SafeMode;
  readonly #dispatcher: Dispatcher;
  readonly #housekeeping: Housekeeping;
  readonly #stopping = new AbortController();

  private constructor({ config, dependencies, queue, opening, sources }: GatewayParts) {
    this.#config = config;
    this.#log = dependencies.log;
    this.#queue = queue;
    this.#machineClock = dependencies.clock ?? systemClock;
    this.#clock = new BelievedClock({
      clock: this.#machineClock,
      buildDate: RELEASED_AT,
      newestStored: opening.newestAt,
      log: this.#log.child({ part: 'clock' }),
    });
    this.#sinks = config.sinks.map((sink) => this.#makeSink(sink, opening.databaseId));
    this.#safeMode = new SafeMode({
      forMs: config.safeMode ? opening.safeForMs : 0,
      queue,
      machineClock: this.#machineClock,
      log: this.#log,
    });
    this.#dispatcher = new Dispatcher({
      queue,
      sinks: this.#sinks,
      clock: this.#clock,
      machineClock: this.#machineClock,
      random: systemRandom,
      log: this.#log.child({ part: 'dispatch' }),
      health: () => this.#housekeeping.health(),
      mayDispatch: (signal) => this.#safeMode.over(signal),
    });
    this.#intake = new Intake({
      queue,
      clock: this.#clock,
      machineClock: this.#machineClock,
      site: config.site === null ? null : { ...config.site, warned: warnedDevices(config.site, config.sources) },
      lingerMs: config.queue.lingerMs,
      log: this.#log.child({ part: 'intake' }),
      onAppended: (values) => this.#dispatcher.wake(values),
    });
    this.#sources = sources;
    this.#housekeeping = new Housekeeping({
      config,
      summary: dependencies.summary,
      queue,
      clock: this.#clock,
      machineClock: this.#machineClock,
      intake: this.#intake,
      dispatcher: this.#dispatcher,
      safeMode: this.#safeMode,
      sources: this.#sources,
      log: this.#log.child({ part: 'housekeeping' }),
      onHang: dependencies.onFatal,
    });
  }

  /** Takes the data directory; waits for a disk that cannot be written. Throws a GatewayError when another gateway has it or the database is newer. */
  static async open(config: Config, dependencies: GatewayDependencies): Promise<Gateway> {
    const { clock = systemClock, log, onFatal } = dependencies;
    const systemd = new Systemd({ env: process.env, log });
    const { queue, opening } = await openWhenWritable(
      { dataDir: config.dataDir, ...config.queue, bootId: readBootId() },
      {
        log: log.child({ part: 'queue' }),
        onDeath: onFatal,
        onWaiting: (withinMs) => void systemd.starting(withinMs),
        clock,
      },
    );
    const sources = await Promise.all(config.sources.map((source) => makeSource(source, clock, log)));
    return new Gateway({ config, dependencies, queue, opening, sources });
  }

  /** Resolves when it collects. An absent broker, network or sink is a state, not an error. */
  async start(): Promise<void> {
    const registrations = this.#sinks.map(({ name, type, backfill, routes }) => ({
      name,
      type,
      backfill,
      routes: routes.map((route) => ({ name: route.name, behindMs: route.behindMs })),
    }));
    await this.#queue.registerSinks(registrations);
    const trustTime = Object.fromEntries(this.#config.sources.map((source) => [source.name, trustOf(source)]));
    this.#clock.onConfirmed((pair) => this.#fixTimes({ ...pair, trustTime }));
    this.#queue.onForeignChange(() => this.#dispatcher.foreignChange());
    for (const [index, source] of this.#sources.entries()) {
      const options = this.#config.sources[index];
      if (options !== undefined) await source.start(this.#intake.inlet(inletOptions(source, options)));
    }
    this.#dispatcher.start();
    await this.#housekeeping.start();
    this.#log.info(
      { version: VERSION, dataDir: this.#config.dataDir, sources: this.#sources.map((s) => s.name) },
      'collecting',
    );
    if (this.#sinks.length === 0) {
      this.#log.warn(
        {},
        'no Dynatrace tenant is configured: readings are only kept locally. Set TENANT_HOST and API_TOKEN',
      );
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#housekeeping.stop();
    const disconnecting = this.#sources.map((source) => source.stop(SOURCES_STOP_WITHIN));
    // Committed now rather than after the linger, so that the last group is acknowledged while its connection is open.
    await this.#intake.flush();
    await Promise.all(disconnecting);
    await this.#intake.stop();
    await this.#dispatcher.stop(DISPATCHER_STOP_WITHIN);
    await Promise.all(this.#sinks.map((sink) => sink.close()));
    await this.#queue.close();
  }

  /**
   * Always with the pair of clocks: an earlier run of this boot may have stored readings under a clock that was wrong then.
   * Nothing is sent or pruned before it is done, so a disk that is full right now must not be the end of it.
   */
  async #fixTimes({ wallMs, monoMs, trustTime }: Correction): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#queue.confirmBoot({ wallMs, monoMs, trustTime });
        return;
      } catch (error) {
        this.#log.error({ err: error }, 'the times of the readings of this boot could not be confirmed; tried again');
        await this.#machineClock.sleep(FIX_TIMES_AGAIN_AFTER, this.#stopping.signal);
      }
    }
  }

  #makeSink({ ca, ...options }: SinkConfig, databaseId: string): Sink {
    return new DynatraceSink({
      ...options,
      ...(ca === null ? {} : { ca: ca.pem }),
      dimensions: this.#config.dimensions,
      databaseId,
      version: VERSION,
      clock: this.#machineClock,
    });
  }
}
