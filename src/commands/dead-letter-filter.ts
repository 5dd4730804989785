import type { EpochMs } from '../model/time.ts';
import type { DeadLetterFilter } from '../queue/inspector.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import { parseTime } from './time-argument.ts';

export interface FilterOptions {
  readonly sink?: string;
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
}

/** The filter that the options mean; both ends of the time range are optional. Throws a GatewayError (usage). */
export function deadLetterFilter(options: FilterOptions, now: EpochMs): DeadLetterFilter {
  const from = options.from === undefined ? undefined : parseTime(options.from, now);
  const to = options.to === undefined ? undefined : parseTime(options.to, now);
  if (from !== undefined && to !== undefined && from >= to) {
    throw new GatewayError(`--from ${options.from ?? ''} is not before --to ${options.to ?? ''}`, {
      hint: 'The range begins with --from and ends before --to.',
      exitCode: EXIT.usage,
    });
  }
  return {
    ...(options.sink === undefined ? {} : { sink: options.sink }),
    ...(options.device === undefined ? {} : { device: options.device }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
