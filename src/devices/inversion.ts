import { quantityPatterns } from '../model/quantity-pattern.ts';
import type { Decoded } from './profile.ts';

/** Gives some quantities the other sign, as at a place where a clamp is the wrong way round. */
export function inversion(patterns: readonly string[]): (decoded: Decoded) => Decoded {
  if (patterns.length === 0) return (decoded) => decoded;
  const isInverted = quantityPatterns(patterns);
  return (decoded) => {
    if (decoded.kind !== 'readings') return decoded;
    const readings = decoded.readings.map((reading) => ({
      ...reading,
      values: reading.values.map((value, i) => (isInverted(reading.quantities[i] ?? '') ? 0 - value : value)),
    }));
    return { ...decoded, readings };
  };
}
