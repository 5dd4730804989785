/** How many there were at an instant, by a clock in ms. */
export interface Sighting {
  readonly atMs: number;
  readonly count: number;
}

/**
 * Items per second between two shares of a total, such as 0.1 and 0.9: without the start and the end, where something
 * else than the pace is measured. Between two sightings it is taken as steady. NaN when the shares were not reached.
 */
export function paceOf(sightings: readonly Sighting[], total: number, from: number, to: number): number {
  return ((to - from) * total * 1000) / timeBetween(sightings, total * from, total * to);
}

/** Milliseconds from one count to another; NaN when they were not reached. */
export function timeBetween(sightings: readonly Sighting[], from: number, to: number): number {
  return crossing(sightings, to) - crossing(sightings, from);
}

/** When the count was reached; NaN when never. Rising counts are expected. */
function crossing(sightings: readonly Sighting[], count: number): number {
  const after = sightings.findIndex((sighting) => sighting.count >= count);
  const b = sightings[after];
  if (b === undefined) return Number.NaN;
  const a = sightings[after - 1];
  if (a === undefined || a.count === b.count) return b.atMs;
  return a.atMs + ((b.atMs - a.atMs) * (count - a.count)) / (b.count - a.count);
}
