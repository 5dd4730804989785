/**
 * Tells systemd how the service is (sd_notify(3)), through `systemd-notify`, because Node has no datagram sockets of the
 * AF_UNIX family. Needs `Type=notify` and `NotifyAccess=all` in the unit. Does nothing without NOTIFY_SOCKET.
 */
import type { DurationMs } from '../model/time.ts';
import type { Log } from './log.ts';
import { runProgram, type RunProgram } from './run-program.ts';

export interface SystemdOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly run?: RunProgram;
}

export class Systemd {
  /** The service is restarted when `alive()` was not called for so long; null without a watchdog. Call it in half the time. */
  readonly watchdogMs: DurationMs | null;
  readonly #socket: string | null;
  readonly #log: Log;
  readonly #run: RunProgram;
  #warned = false;

  constructor({ env, log, run = runProgram }: SystemdOptions) {
    const socket = env['NOTIFY_SOCKET'] ?? '';
    this.#socket = socket === '' ? null : socket;
    this.watchdogMs = this.#socket === null ? null : watchdogMs(env);
    this.#log = log;
    this.#run = run;
  }

  /** EXTEND_TIMEOUT_USEC: not started yet, whatever TimeoutStartSec says; in so long this is said again, or READY=1. */
  starting(againWithinMs: DurationMs): Promise<void> {
    return this.#notify(`EXTEND_TIMEOUT_USEC=${Math.round(againWithinMs * 1000)}`);
  }

  /** READY=1: started. Resolves when systemd was told, or could not be; never rejects. */
  ready(): Promise<void> {
    return this.#notify('READY=1');
  }

  /** WATCHDOG=1: still making progress. */
  alive(): Promise<void> {
    return this.watchdogMs === null ? Promise.resolve() : this.#notify('WATCHDOG=1');
  }

  /** STOPPING=1: shutting down. */
  stopping(): Promise<void> {
    return this.#notify('STOPPING=1');
  }

  async #notify(state: string): Promise<void> {
    if (this.#socket === null) return;
    const result = await this.#run('systemd-notify', [state], { NOTIFY_SOCKET: this.#socket });
    if (result?.code === 0 || this.#warned) return;
    this.#warned = true;
    this.#log.warn({ state, code: result?.code ?? null }, 'systemd-notify did not tell systemd how the gateway is');
  }
}

/** WATCHDOG_USEC counts for the process WATCHDOG_PID names, if it names one (sd_watchdog_enabled(3)). */
function watchdogMs(env: Readonly<Record<string, string | undefined>>): DurationMs | null {
  const pid = env['WATCHDOG_PID'] ?? '';
  if (pid !== '' && Number(pid) !== process.pid) return null;
  const microseconds = Number(env['WATCHDOG_USEC'] ?? '');
  return Number.isFinite(microseconds) && microseconds > 0 ? microseconds / 1000 : null;
}
