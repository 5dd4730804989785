/**
 * Safe mode: after a crash loop (queue/work/crash-loop.ts) the gateway collects and keeps every reading but sends none, because
 * what it sends, or the answer, may be what ends it. After a while it tries again by itself.
 */
import type { Problem } from './model/problem.ts';
import { SECOND, type DurationMs, type MonoMs } from './model/time.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { Queue } from './queue/queue.ts';
import { duration } from './report/human.ts';

const TRY_AGAIN_AFTER: DurationMs = 5 * SECOND;

export interface SafeModeParts {
  /** 0: not in safe mode. */
  readonly forMs: DurationMs;
  readonly queue: Pick<Queue, 'endSafeMode'>;
  readonly machineClock: Clock;
  readonly log: Log;
}

export class SafeMode {
  readonly #parts: SafeModeParts;
  readonly #untilMono: MonoMs;
  #active: boolean;

  constructor(parts: SafeModeParts) {
    this.#parts = parts;
    this.#active = parts.forMs > 0;
    this.#untilMono = parts.machineClock.monoMs() + parts.forMs;
  }

  problems(): Problem[] {
    if (!this.#active) return [];
    const leftMs = Math.max(SECOND, this.#untilMono - this.#parts.machineClock.monoMs());
    return [
      {
        code: 'safe.mode',
        message: `The gateway ended five times within ten minutes without being stopped. It collects and keeps every reading, but sends none; it tries again in ${duration(leftMs)}.`,
        hint: 'Look in its log for what ended it, and at the memory and the power supply of the machine. To try earlier, restart it ten minutes after the last crash.',
      },
    ];
  }

  /** Resolves when readings may be sent, or when the signal is aborted. */
  async over(signal: AbortSignal): Promise<void> {
    const { machineClock, queue, log } = this.#parts;
    if (!this.#active) return;
    log.error(
      { minutes: Math.round(this.#parts.forMs / 60_000) },
      'safe mode after a crash loop: nothing is sent for now',
    );
    await machineClock.sleep(this.#parts.forMs, signal);
    while (!signal.aborted) {
      try {
        await queue.endSafeMode();
        this.#active = false;
        log.warn({}, 'safe mode is over: trying to send again');
        return;
      } catch (error) {
        log.error({ err: error }, 'safe mode cannot end while nothing can be written; tried again');
        await machineClock.sleep(TRY_AGAIN_AFTER, signal);
      }
    }
  }
}
