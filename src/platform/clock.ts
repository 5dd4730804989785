import type { DurationMs, EpochMs, MonoMs } from '../model/time.ts';

/** The two clocks of the machine. Injected everywhere, so that tests can step one and not the other. */
export interface Clock {
  /** The wall clock; may be wrong, may jump. */
  wallMs(): EpochMs;
  /** The monotonic clock: never jumps, and its zero is the same for every process of one boot. */
  monoMs(): MonoMs;
  /** Resolves after a time on the monotonic clock; at once when that is over or the signal is aborted. Never rejects. */
  sleep(ms: DurationMs, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      signal?.addEventListener('abort', done, { once: true });
    }),
};
