import type { Problem } from '../model/problem.ts';
import { HOUR, MINUTE, type DurationMs, type MonoMs } from '../model/time.ts';

/** Devices that do not measure at the same instant may make it seem so for a moment. */
const SUSTAINED: DurationMs = 5 * MINUTE;
/** A sign that is wrong shows at night or in the sun only; it is still wrong in between. */
const REMEMBERED: DurationMs = 24 * HOUR;
/** Losses and rounding make less. */
const NOTICEABLE_W = 300;

/**
 * Notices that a site seems to consume less than nothing: a sign is the other way round, or something generates that is not
 * counted. Its only clock is that of the readings.
 */
export class NegativeConsumption {
  #since: MonoMs | null = null;
  #last: MonoMs = Number.NEGATIVE_INFINITY;
  #seen: { readonly watts: number; readonly at: MonoMs } | null = null;

  observe(watts: number, at: MonoMs): void {
    // Nobody knows what it was in between.
    if (watts > -NOTICEABLE_W || at - this.#last >= SUSTAINED) this.#since = null;
    this.#last = at;
    if (watts > -NOTICEABLE_W) return;
    this.#since ??= at;
    if (at - this.#since >= SUSTAINED) this.#seen = { watts, at };
  }

  problem(now: MonoMs): Problem | null {
    if (this.#seen === null || now - this.#seen.at > REMEMBERED) return null;
    return {
      code: 'site.sign',
      message: `The site seemed to consume ${Math.round(this.#seen.watts)} W for minutes: PV + grid − battery cannot be less than 0.`,
      hint: 'A sign is the other way round (grid + = import, battery + = charging): compare with the displays, then turn the clamp or set `invert` at the device. Or something that generates is missing in site.pv.',
    };
  }
}
