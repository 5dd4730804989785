/** A number in [0, 1) that depends on its arguments alone: the randomness of a day that can be looked at in any order. */
export function noise(seed: number, stream: number, n: number): number {
  let h =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35) ^ Math.imul(Math.trunc(n), 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/** The same, gliding from one whole `n` to the next. */
export function smoothNoise(seed: number, stream: number, n: number): number {
  const whole = Math.floor(n);
  const part = n - whole;
  const weight = part * part * (3 - 2 * part);
  return noise(seed, stream, whole) * (1 - weight) + noise(seed, stream, whole + 1) * weight;
}
