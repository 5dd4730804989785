import { EXIT, GatewayError } from '../model/error.ts';
import type { EpochMs } from '../model/time.ts';
import type { ReplayRequest } from '../queue/inspector.ts';
import type { Settings } from './settings.ts';
import { parseRange } from './time-argument.ts';

/** The request that the options mean. Throws a GatewayError (usage) for a bad range or a sink that does not exist. */
export function replayRequest(
  options: { readonly from: string; readonly to: string; readonly device?: string; readonly sink?: string },
  settings: Settings,
  now: EpochMs,
): ReplayRequest {
  const range = parseRange(options.from, options.to, now);
  const sinks = settings.sinks.filter((sink) => options.sink === undefined || sink.name === options.sink);
  if (sinks.length === 0) {
    const names = settings.sinks.map((sink) => sink.name).join(', ');
    throw new GatewayError(
      options.sink === undefined ? 'there is no sink to replay to' : `there is no sink ${JSON.stringify(options.sink)}`,
      {
        hint: names === '' ? 'Configure a sink first; see `gateway check`.' : `The configured sinks are: ${names}.`,
        exitCode: EXIT.usage,
      },
    );
  }
  return {
    ...range,
    now,
    wholeMinutes: sinks.some((sink) => sink.folds),
    windows: Object.fromEntries(sinks.map((sink) => [sink.name, sink.windows])),
    ...(options.device === undefined ? {} : { device: options.device }),
    ...(options.sink === undefined ? {} : { sink: options.sink }),
  };
}
