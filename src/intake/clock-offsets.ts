import type { Problem } from '../model/problem.ts';
import { HOUR, MINUTE, type DurationMs } from '../model/time.ts';
import type { TrustTime } from './device-time.ts';

/** An odd number, so that the median is one of them; at one reading a minute a quarter of an hour. */
const KEPT = 15;
/** Fewer say nothing: one late message is not a wrong clock. */
const ENOUGH = 5;
/** More than a message's way from the meter to here explains. */
const NOTEWORTHY: DurationMs = 2 * MINUTE;
const DEVICES_LIMIT = 256;

/**
 * How far the clocks of one source's devices are from ours, over their last readings. Only messages that came straight
 * from the device, under a confirmed clock, belong in here.
 */
export class ClockOffsets {
  readonly #byDevice = new Map<string, DurationMs[]>();

  /** `offsetMs`: the device's time minus the time of receipt. */
  observe(device: string, offsetMs: DurationMs): void {
    let offsets = this.#byDevice.get(device);
    if (offsets === undefined) {
      if (this.#byDevice.size >= DEVICES_LIMIT) return;
      offsets = [];
      this.#byDevice.set(device, offsets);
    }
    offsets.push(offsetMs);
    if (offsets.length > KEPT) offsets.shift();
  }

  /** The median offset of a device; null while it has given too few readings to tell. */
  medianMs(device: string): DurationMs | null {
    const offsets = this.#byDevice.get(device);
    if (offsets === undefined || offsets.length < ENOUGH) return null;
    return offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)] ?? null;
  }

  /** A problem for each device whose clock is steadily wrong. */
  problems(trust: TrustTime): Problem[] {
    const problems: Problem[] = [];
    for (const device of this.#byDevice.keys()) {
      const offsetMs = this.medianMs(device);
      if (offsetMs !== null && Math.abs(offsetMs) > NOTEWORTHY) problems.push(problemOf(device, offsetMs, trust));
    }
    return problems;
  }
}

function problemOf(device: string, offsetMs: DurationMs, trust: TrustTime): Problem {
  const used = offsetMs >= -trust.behindMs && offsetMs <= trust.aheadMs;
  const whole = Math.abs(offsetMs - Math.round(offsetMs / HOUR) * HOUR) <= NOTEWORTHY;
  return {
    code: 'source.clock',
    message:
      `the clock of ${device} is ${inWords(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}; ` +
      (used ? 'its readings carry that time' : 'its readings carry the time they were received'),
    hint: whole
      ? 'Whole hours point to local time sent as UTC: AMIS readers do so with firmware 1.4.4 to 1.4.6; update to 1.5.9 or later. Elsewhere check the time zone.'
      : 'Set the clock of the device, or narrow `trustTime` so that its time is not used.',
  };
}

function inWords(ms: DurationMs): string {
  const minutes = Math.round(ms / MINUTE);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
