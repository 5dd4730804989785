/**
 * What the daemon does beside the path of a reading: says how it is (state documents, systemd, health metrics) and asks
 * whether the clock is synchronised. Nothing of it is needed for a reading to be stored or sent.
 *
 * A beat means progress: it is written, and systemd told, only after a report came back from the queue's thread, and while
 * nothing of the dispatcher hangs. What hangs for good ends the process, so that it is started again.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Config } from './config/config.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { Intake } from './intake/intake.ts';
import type { Problem } from './model/problem.ts';
import { MINUTE, SECOND, type DurationMs, type MonoMs } from './model/time.ts';
import type { BelievedClock } from './platform/believed-clock.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import { VERSION } from './platform/release.ts';
import { Systemd } from './platform/systemd.ts';
import { systemProbes, TimeSync } from './platform/time-sync.ts';
import type { Queue } from './queue/queue.ts';
import { buildStatus } from './report/build-status.ts';
import type { SafeMode } from './safe-mode.ts';
import type { ConfigSummary } from './report/config-summary.ts';
import { healthValues, type HealthValue } from './report/health.ts';
import { silentSources } from './report/source-status.ts';
import type { ClockState, DaemonState, SilenceState, SourceState } from './report/state.ts';
import type { DeviceSilence, Source } from './sources/source.ts';

const LOOK_EVERY = 2 * SECOND;
/** No request and no commit takes so long. */
const HANGS_AFTER = 5 * MINUTE;
const BEAT_EVERY = 30 * SECOND;
/** Counts and states are for looking at; they may wait for a commit that happens anyway. */
const WITHIN = 7 * SECOND;

export interface HousekeepingParts {
  readonly config: Pick<Config, 'warnings'>;
  readonly summary: ConfigSummary;
  readonly queue: Pick<Queue, 'putState' | 'report'>;
  readonly clock: BelievedClock;
  readonly machineClock: Clock;
  readonly intake: Pick<Intake, 'failure' | 'problems' | 'siteProblems' | 'devices'>;
  readonly dispatcher: Pick<Dispatcher, 'stalledMs'>;
  readonly safeMode: Pick<SafeMode, 'problems'>;
  readonly sources: readonly Pick<Source, 'name' | 'type' | 'status'>[];
  readonly log: Log;
  /** The process must end and be started again. */
  readonly onHang: (error: Error) => void;
}

export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #systemd: Systemd;
  readonly #timeSync: TimeSync;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 20 });
  readonly #written = new Map<string, string>();
  readonly #stopping = new AbortController();
  #startedMono: MonoMs = 0;
  /** Codes of the problems that were told last. */
  #told = '';
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    this.#systemd = new Systemd({ env: process.env, log: parts.log });
    this.#timeSync = new TimeSync({
      probes: systemProbes(),
      clock: parts.machineClock,
      log: parts.log,
      onSynchronised: (by) => parts.clock.timeSynchronised(by),
    });
  }

  async start(): Promise<void> {
    this.#startedMono = this.#parts.machineClock.monoMs();
    this.#loopDelay.enable();
    this.#timeSync.start();
    this.#writeStates();
    // At once: until then the status shows the last beat of the run before, and calls this one stuck.
    await this.#beat(0);
    this.#looking = this.#look();
    await this.#systemd.ready();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#loopDelay.disable();
    await this.#systemd.stopping();
    await this.#timeSync.stop();
    await this.#looking;
  }

  /** The gateway's own metrics at this moment. */
  async health(): Promise<readonly HealthValue[]> {
    const { queue, clock, summary } = this.#parts;
    const now = clock.now();
    const report = await queue.report(now);
    const status = buildStatus({
      report,
      config: summary,
      daemonRunning: true,
      now,
      version: VERSION,
      diskFreeBytes: report.diskFreeBytes,
    });
    return healthValues(status, silentSources(summary.sources, report, now));
  }

  async #look(): Promise<void> {
    const { machineClock, log, dispatcher, onHang } = this.#parts;
    const { signal } = this.#stopping;
    let beatMono = machineClock.monoMs();
    let aliveMono = beatMono;
    let hangs = false;
    for (;;) {
      await machineClock.sleep(LOOK_EVERY, signal);
      if (signal.aborted) return;
      // Twice in a row: what stood still together with the whole process, which was paused, does not hang.
      const hung = dispatcher.stalledMs > HANGS_AFTER;
      if (hung && hangs) return onHang(new Error('the dispatcher hangs: what it waits for does not come'));
      hangs = hung;
      try {
        const clockChanged = this.#writeStates();
        const mono = machineClock.monoMs();
        // A beat's times are those of the clock that was believed then.
        const news = clockChanged || codesOf(this.#problems()) !== this.#told;
        if (news || mono - beatMono >= BEAT_EVERY) {
          beatMono = mono;
          await this.#beat(news ? SECOND : WITHIN);
        }
        if (mono - aliveMono >= (this.#systemd.watchdogMs ?? MINUTE) / 3) {
          aliveMono = mono;
          // The queue's answer is the proof of life: a thread that hangs in a write gives none.
          await this.#parts.queue.report(this.#parts.clock.now());
          await this.#systemd.alive();
        }
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, 'the gateway could not write down how it is');
      }
    }
  }

  /** True when the clock's document is news. */
  #writeStates(): boolean {
    const { clock, sources, intake } = this.#parts;
    const clockState: ClockState = { state: clock.state, offsetMs: clock.offsetMs, by: clock.confirmedBy };
    // The offset of a corrected clock wanders by milliseconds; that is no news.
    const clockChanged = this.#put(
      'clock',
      clockState,
      JSON.stringify({ ...clockState, offsetMs: Math.round(clockState.offsetMs / SECOND) }),
    );
    for (const source of sources) {
      const { state, detail, problems, asleep = false, silences = [] } = source.status();
      const devices = intake.devices(source.name);
      const document: SourceState = {
        type: source.type,
        state,
        detail,
        problems: [...problems, ...intake.problems(source.name)],
        asleep,
        devices: devices.map((device) => ({ ...device, silence: this.#silenceOf(device.name, silences) })),
      };
      const key = `source:${source.name}`;
      if (clockChanged) this.#written.delete(key);
      // A believed time wanders by milliseconds.
      this.#put(key, document, JSON.stringify({ ...document, devices, silences }));
    }
    return clockChanged;
  }

  #silenceOf(device: string, silences: readonly DeviceSilence[]): SilenceState | null {
    const silence = silences.find((one) => one.device === device);
    if (silence === undefined) return null;
    const { reason, sinceMono } = silence;
    const { clock, machineClock } = this.#parts;
    return { since: sinceMono === null ? null : Math.round(clock.now() - (machineClock.monoMs() - sinceMono)), reason };
  }

  async #beat(withinMs: DurationMs): Promise<void> {
    const { queue, clock, machineClock, summary } = this.#parts;
    await queue.report(clock.now());
    const beatAt = clock.now();
    const problems = this.#problems();
    this.#told = codesOf(problems);
    const daemon: DaemonState = {
      version: VERSION,
      pid: process.pid,
      // Reckoned back, because the clock of the start may have been wrong.
      startedAt: Math.round(beatAt - (machineClock.monoMs() - this.#startedMono)),
      beatAt,
      problems,
      loopDelayP99Ms: Math.round(this.#loopDelay.percentile(99) / 1e6),
      residentBytes: process.memoryUsage.rss(),
      sources: summary.sources.map(({ name }) => name),
    };
    this.#loopDelay.reset();
    queue.putState('daemon', daemon, withinMs);
  }

  /** Those that belong to no source or sink. */
  #problems(): Problem[] {
    const { config, safeMode, intake } = this.#parts;
    const { failure } = intake;
    return [
      ...config.warnings,
      ...safeMode.problems(),
      ...intake.siteProblems(),
      ...(failure === null ? [] : [cannotWrite(failure)]),
    ];
  }

  #put(key: string, document: unknown, fingerprint: string): boolean {
    if (this.#written.get(key) === fingerprint) return false;
    this.#written.set(key, fingerprint);
    this.#parts.queue.putState(key, document, SECOND);
    return true;
  }
}

function codesOf(problems: readonly Problem[]): string {
  return problems.map(({ code }) => code).join(' ');
}

/** Full disks and I/O errors are told better by the note beside the database; see `storageProblems`. */
function cannotWrite(failure: string): Problem {
  return {
    code: 'disk.failing',
    message: `Readings cannot be written to the queue (${failure}); the broker keeps what is not acknowledged.`,
    hint: 'Look in the log, and for I/O errors in `dmesg`. The gateway goes on by itself as soon as it can write.',
  };
}
