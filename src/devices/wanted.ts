import type { QuantityChoice } from '../model/profile-data.ts';
import type { Quantity } from '../model/reading.ts';

/** Whether a quantity is kept, given whether its profile has it enabled. */
export type Wanted = (quantity: Quantity, enabled: boolean) => boolean;

/** Compiles a choice; in a pattern `*` stands for any characters. */
export function wantedBy(choice: QuantityChoice): Wanted {
  if (choice === 'default') return (_, enabled) => enabled;
  if (choice === 'all') return () => true;
  const patterns = choice.map((pattern) => {
    const source = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${source.join('.*')}$`);
  });
  return (quantity) => patterns.some((pattern) => pattern.test(quantity));
}
