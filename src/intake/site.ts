import type { Origin, Quantity } from '../model/reading.ts';
import { MINUTE, type DurationMs, type EpochMs, type MonoMs } from '../model/time.ts';
import type { Problem } from '../model/problem.ts';
import type { ReadingDraft } from './gathering.ts';
import { NegativeConsumption } from './negative-consumption.ts';
import { siteGaps, type WatchedSite } from './site-gaps.ts';
import { derive, GRID_INPUTS, SITE_INPUTS, type Measured } from './site-powers.ts';

/** What the derived readings are of. */
const SITE_DEVICE = 'site';

/** A reading with a time of its own that is farther from its receipt says nothing of now. A meter's clock may be off by less. */
const NOW_WITHIN: DurationMs = 2 * MINUTE;

/**
 * The devices of a site together: beside a reading of the power at the grid stands one of the site, which has its message,
 * its source and its times.
 */
export class Site {
  readonly #devices: WatchedSite;
  readonly #latest: ReadonlyMap<string, Map<Quantity, Measured>>;
  readonly #heard = new Map<string, MonoMs>();
  readonly #origins = new Map<string, Origin>();
  readonly #negative = new NegativeConsumption();
  #since: MonoMs | null = null;

  constructor(devices: WatchedSite) {
    this.#devices = devices;
    const { grid, pv, battery, chargers } = devices;
    this.#latest = new Map([grid, ...pv, ...battery, ...chargers].map((device) => [device, new Map()]));
  }

  /** Takes readings in the order they came; each is followed by what was derived from it. */
  withDerived(drafts: readonly ReadingDraft[], wallMinusMono: number): ReadingDraft[] {
    return drafts.flatMap((draft) => {
      const derived = this.#take(draft, Math.round(wallMinusMono + draft.receivedMono));
      return derived === null ? [draft] : [draft, derived];
    });
  }

  /** What cannot be right about its powers together, and what has long been missing of them; since the first look. */
  problems(now: MonoMs): Problem[] {
    this.#since ??= now;
    const history = { latest: this.#latest, heard: this.#heard, since: this.#since };
    const problem = this.#negative.problem(now);
    return [...(problem === null ? [] : [problem]), ...siteGaps(this.#devices, history, now)];
  }

  #take(draft: ReadingDraft, receivedAt: EpochMs): ReadingDraft | null {
    const { origin, kind, at, quantities, values, first, receivedMono } = draft;
    const latest = this.#latest.get(origin.device);
    if (latest !== undefined) this.#heard.set(origin.device, receivedMono);
    if (latest === undefined || kind !== 'known' || Math.abs(at - receivedAt) > NOW_WITHIN) return null;
    for (const [i, quantity] of quantities.entries()) {
      const value = values[first + i];
      if (value !== undefined && SITE_INPUTS.has(quantity)) latest.set(quantity, { value, mono: receivedMono });
    }
    const isOfGrid = origin.device === this.#devices.grid && quantities.some((quantity) => GRID_INPUTS.has(quantity));
    const derived = isOfGrid ? derive(this.#latest, receivedMono, this.#devices) : new Map<Quantity, number>();
    const consumption = derived.get('site.consumption');
    if (consumption !== undefined) this.#negative.observe(consumption, receivedMono);
    if (derived.size === 0) return null;
    return {
      ...draft,
      derived: true,
      origin: this.#originOf(origin.source),
      quantities: [...derived.keys()],
      values: [...derived.values()],
      first: 0,
    };
  }

  /** One object for each source: what repeats crosses to the queue only once. */
  #originOf(source: string): Origin {
    let origin = this.#origins.get(source);
    if (origin === undefined) this.#origins.set(source, (origin = { device: SITE_DEVICE, serial: null, source }));
    return origin;
  }
}
