/** What goes wrong in a month, drawn by a seed. Times in simulated milliseconds from the start. */
import { DAY, HOUR, MINUTE } from '../../src/model/time.ts';

export interface Calamity {
  readonly at: number;
  readonly kind:
    'sink busy' | 'sink resets' | 'sink hangs' | 'token expires' | 'flapping' | 'broker restart' | 'stop' | 'kill';
  /** How long it lasts; 0: a moment. */
  readonly forMs: number;
}

/** In order of time; they may overlap. */
export function calamities(days: number, random: () => number): Calamity[] {
  const result: Calamity[] = [];
  for (let day = 0; day < days; day++) {
    const at = (): number => day * DAY + random() * DAY;
    result.push({ at: at(), kind: 'sink busy', forMs: random() * 3 * HOUR });
    result.push({ at: at(), kind: 'flapping', forMs: HOUR });
    if (day % 2 === 0) result.push({ at: at(), kind: 'sink resets', forMs: random() * HOUR });
    if (day % 3 === 0) result.push({ at: at(), kind: 'sink hangs', forMs: random() * 2 * HOUR });
    if (day % 2 === 1) result.push({ at: at(), kind: 'broker restart', forMs: 10 * MINUTE });
    if (day % 7 === 5) result.push({ at: at(), kind: 'token expires', forMs: 5 * HOUR });
    // Longer than any route takes values.
    if (day % 10 === 8) result.push({ at: at(), kind: 'sink busy', forMs: 30 * HOUR });
    if (day % 4 === 1) result.push({ at: at(), kind: 'stop', forMs: 5 * MINUTE });
    if (day % 4 === 3) result.push({ at: at(), kind: 'kill', forMs: 0 });
  }
  return result.toSorted((a, b) => a.at - b.at);
}
