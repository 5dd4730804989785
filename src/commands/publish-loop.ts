import type { DurationMs, EpochMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';

/** Anything that publishes to a broker; resolves when the broker has acknowledged. */
export interface Publishes {
  publish(topic: string, payload: string, options: { qos: 0 | 1; retain: boolean }): Promise<void>;
}

export interface PublishLoop {
  readonly publisher: Publishes;
  readonly topic: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly intervalMs: DurationMs;
  /** Null: until the signal. */
  readonly count: number | null;
  /** The payload at an instant. */
  readonly payload: (at: EpochMs) => string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly report: (published: Published) => void;
}

export interface Published {
  readonly at: EpochMs;
  readonly topic: string;
  readonly payload: string;
  /** `skipped`: too many others were still waiting for the broker. */
  readonly result: 'acknowledged' | 'failed' | 'skipped';
  /** From publishing to the acknowledgement. */
  readonly tookMs: DurationMs;
  readonly error: string | null;
}

/** A reader has little memory: what the broker does not take soon is gone. */
const MAX_WAITING = 100;

/**
 * Publishes at every interval, whatever became of the message before, as a meter's reader does. Resolves when `count`
 * messages have been acknowledged or given up, or at the signal.
 */
export async function publishLoop(loop: PublishLoop): Promise<void> {
  const waiting = new Set<Promise<void>>();
  const first = loop.clock.monoMs();
  for (let n = 0; !loop.signal.aborted && (loop.count === null || n < loop.count); n++) {
    await loop.clock.sleep(Math.max(0, first + n * loop.intervalMs - loop.clock.monoMs()), loop.signal);
    if (loop.signal.aborted) break;
    const at = loop.clock.wallMs();
    const payload = loop.payload(at);
    if (waiting.size >= MAX_WAITING) {
      loop.report({ at, topic: loop.topic, payload, result: 'skipped', tookMs: 0, error: null });
      continue;
    }
    const one = publishOne(loop, at, payload).finally(() => waiting.delete(one));
    waiting.add(one);
  }
  const stopped = new Promise<void>((resolve) => {
    if (loop.signal.aborted) resolve();
    loop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([Promise.all(waiting), stopped]);
}

async function publishOne(loop: PublishLoop, at: EpochMs, payload: string): Promise<void> {
  const { topic, clock } = loop;
  const sent = clock.monoMs();
  let error: string | null = null;
  try {
    await loop.publisher.publish(topic, payload, { qos: loop.qos, retain: loop.retain });
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  const result = error === null ? 'acknowledged' : 'failed';
  loop.report({ at, topic, payload, result, tookMs: Math.round(clock.monoMs() - sent), error });
}
