import type { Outcome } from '../../src/model/outcome.ts';
import type { Sample } from '../../src/model/sample.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { Secret } from '../../src/platform/secret.ts';
import { DynatraceSink, type DynatraceOptions } from '../../src/sinks/dynatrace/dynatrace-sink.ts';
import { itemTexts } from './item-texts.ts';
import { TOKEN } from './dynatrace.ts';

/** A Dynatrace sink as the configuration's defaults make it, with the machine's clock. Whoever makes it closes it. */
export function dynatraceSink(url: string, changes: Partial<DynatraceOptions> = {}): DynatraceSink {
  return new DynatraceSink({
    name: 'dynatrace',
    url,
    token: new Secret({ value: TOKEN }),
    resolution: 'minute',
    flushMs: 10_000,
    late: 'bizevents',
    backfill: false,
    insecureSkipVerify: false,
    dimensions: {},
    databaseId: 'db',
    version: '1.2.3',
    clock: systemClock,
    ...changes,
  });
}

/** Encodes and sends samples on the metrics route. */
export function sendSamples(sink: DynatraceSink, samples: readonly Sample[], signal = aSignal()): Promise<Outcome> {
  const [route] = sink.routes;
  if (route?.takes !== 'samples') throw new Error('the first route takes samples');
  const lines = samples.map((sample) => route.encode(sample)).filter((line) => line !== null);
  return route.send(itemTexts(lines), { signal });
}

/** One watt-hour reading of a device, measured now. */
export function aSample(device = 'meter', value = 501, at = Date.now()): Sample {
  return { device, quantity: 'power.active.import', at, min: value, max: value, sum: value, count: 1 };
}

export function aSignal(): AbortSignal {
  return new AbortController().signal;
}
