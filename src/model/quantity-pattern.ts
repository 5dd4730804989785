import type { Quantity } from './reading.ts';

/** Compiles names of quantities in which `*` stands for any characters. */
export function quantityPatterns(patterns: readonly string[]): (quantity: Quantity) => boolean {
  const compiled = patterns.map((pattern) => {
    const source = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${source.join('.*')}$`);
  });
  return (quantity) => compiled.some((pattern) => pattern.test(quantity));
}
