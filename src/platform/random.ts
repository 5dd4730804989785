/** A source of randomness in [0, 1). Injected, so that tests can pin jitter. */
export type Random = () => number;

export const systemRandom: Random = Math.random;
