import type { QuantityChoice } from '../model/profile-data.ts';
import { quantityPatterns } from '../model/quantity-pattern.ts';
import type { Quantity } from '../model/reading.ts';

/** Whether a quantity is kept, given whether its profile has it enabled. */
export type Wanted = (quantity: Quantity, enabled: boolean) => boolean;

/** Compiles a choice; in a pattern `*` stands for any characters. */
export function wantedBy(choice: QuantityChoice): Wanted {
  if (choice === 'default') return (_, enabled) => enabled;
  return choice === 'all' ? () => true : quantityPatterns(choice);
}
