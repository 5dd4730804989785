/** Keys that sources of several types have. */
import { z } from 'zod';
import { DAY, SECOND } from '../model/time.ts';
import { QUANTITIES } from '../model/quantity.ts';
import { quantityPatterns } from '../model/quantity-pattern.ts';
import { closest } from './closest.ts';
import { about, duration, holds, text, type Breach } from './schema-parts.ts';

export const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const NAME_RULE = 'lower-case letters, digits and hyphens, at most 32';

export function sourceName(fallback: string): z.ZodType<string, string | undefined> {
  return text(NAME_RULE)
    .regex(NAME, `expected ${NAME_RULE}`)
    .prefault(fallback)
    .meta(about('Its name in the status, the log and the ledger'));
}

export const silentAfter = duration(10 * SECOND, 365 * DAY)
  .prefault('5m')
  .meta(about('Without a reading for so long, the source is `silent`, which is a failure'));

/** `default`, `all`, or names of quantities with `*` for any characters. */
export const quantities = z
  .union([z.enum(['default', 'all']), z.array(z.string()).min(1)], {
    error: () => 'expected default, all, or a list of quantities such as [pv.*, battery.soc]',
  })
  .superRefine(holds((choice) => (typeof choice === 'string' ? [] : unknownQuantities(choice))))
  .prefault('default')
  .meta(about("Which of the profile's quantities are kept: `default`, `all`, or a list such as `[pv.*, battery.soc]`"));

/** Names of quantities, with `*`, whose sign is the other way round where the device is. */
export const invert = z
  .array(z.string(), { error: () => 'expected a list of quantities such as [grid.power]' })
  .superRefine(holds(unknownQuantities))
  .prefault([])
  .meta(
    about(
      'Quantities with the other sign than they should have, such as `[grid.*power]` behind a clamp that is the wrong way round',
    ),
  );

function* unknownQuantities(patterns: readonly string[]): Iterable<Breach> {
  const names = QUANTITIES.map(({ name }) => name);
  for (const [i, pattern] of patterns.entries())
    if (!names.some(quantityPatterns([pattern])))
      yield { path: [i], message: 'unknown quantity', suggestion: closest(pattern, names) };
}
