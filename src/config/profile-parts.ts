/** Keys that profiles of all kinds have. */
import { z } from 'zod';
import { PAYLOAD_UNITS, storedUnit, type PayloadUnit } from '../model/payload-unit.ts';
import { QUANTITIES, quantityDefinition } from '../model/quantity.ts';
import { closest } from './closest.ts';
import { choice, text, type Breach } from './schema-parts.ts';

const NAMES = QUANTITIES.map(({ name }) => name);

export const PROFILE_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

export const profileHead = {
  name: text('a name').regex(PROFILE_NAME, 'expected lower-case letters, digits and hyphens'),
  title: text('what devices it is for'),
  sources: z.array(z.string()).prefault([]),
  notes: z.array(z.string()).prefault([]),
};

export const number = z.number({ error: () => 'expected a number' });
export const unit = choice(...PAYLOAD_UNITS);

/** A quantity must be of the catalogue, and its unit must become the stored one. */
export function* quantityBreaches(
  path: readonly (string | number)[],
  quantity: string,
  given: PayloadUnit | undefined,
): Iterable<Breach> {
  const definition = quantityDefinition(quantity);
  if (definition === undefined) yield { path, message: 'unknown quantity', suggestion: closest(quantity, NAMES) };
  else if (given !== undefined && storedUnit(given)[0] !== definition.unit)
    yield { path, message: `expected a unit that becomes ${definition.unit}, not ${given}` };
}

/** The unit that is given, or the quantity's own. */
export function unitOf(given: PayloadUnit | undefined, quantity: string | null): PayloadUnit {
  return given ?? (quantity === null ? undefined : quantityDefinition(quantity)?.unit) ?? '1';
}
