/** Keys that sources of several types have. */
import { z } from 'zod';
import { DAY, SECOND } from '../model/time.ts';
import { about, duration, text } from './schema-parts.ts';

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
  .prefault('default')
  .meta(about("Which of the profile's quantities are kept: `default`, `all`, or a list such as `[pv.*, battery.soc]`"));
