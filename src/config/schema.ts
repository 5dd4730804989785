/**
 * Every key of gateway.yaml: its form, default and meaning. docs/configuration.md is generated from here, the known
 * `GATEWAY_` variables too. A new kind of source or sink is a file beside `mqtt-schema.ts` or `sink-schema.ts` and its name in
 * the union below.
 */
import { z } from 'zod';
import { DAY, MINUTE } from '../model/time.ts';
import { httpSource } from './http-source-schema.ts';
import { formatLineAddress } from './line-address.ts';
import { modbusSource } from './modbus-schema.ts';
import { mqttSource } from './mqtt-schema.ts';
import { about, choice, duration, flag, holds, section, size, text, type Breach } from './schema-parts.ts';
import { dynatraceSink } from './sink-schema.ts';
import { site } from './site-schema.ts';

const LONGEST: number = 3650 * DAY;
const MIB = 1024 ** 2;

const source = z.discriminatedUnion('type', [mqttSource, modbusSource, httpSource], {
  error: () => 'expected a type: mqtt, modbus or http',
});
const sink = z.discriminatedUnion('type', [dynatraceSink], { error: () => 'expected a type: dynatrace' });

/** Numbers and booleans are what an unquoted `floor: 2` is in YAML. */
const dimensionValue = z
  .union([z.string(), z.number(), z.boolean()], { error: () => 'expected text' })
  .transform(String)
  .refine((value) => value !== '' && value.length <= 250, 'expected 1 to 250 characters');

const queue = section({
  linger: duration(10, 30_000).prefault('1s').meta(about('The longest a reading waits for the commit that stores it')),
  ttl: duration(MINUTE, LONGEST).prefault('24h').meta(about('How long a value is owed to a sink before it expires')),
  retention: duration(MINUTE, LONGEST)
    .prefault('7d')
    .meta(about('How long readings stay in the local history, for replay and export; at least `ttl`')),
  budget: size(16 * MIB, 1024 ** 4)
    .prefault('512MiB')
    .meta(about('The most the database may take on disk')),
  minFreeDisk: size(0, 1024 ** 4)
    .prefault('200MiB')
    .meta(about('Free disk space the queue leaves to others')),
}).superRefine(holds(queueBreaches));

export const configSchema = section({
  dataDir: text('the path of a folder')
    .prefault('./data')
    .meta(about('Folder of the queue; relative to the working directory')),
  dimensions: z
    .record(z.string(), dimensionValue, { error: () => 'expected names and values such as { site: home }' })
    .superRefine(holds(dimensionBreaches))
    .prefault({})
    .meta(about('Dimensions on every metric, e.g. `{ site: home }`')),
  queue: queue.prefault({}),
  safeMode: flag()
    .prefault(true)
    .meta(about('After five crashes within ten minutes: collect only, and try to send again half an hour later')),
  log: section({
    level: choice('error', 'warn', 'info', 'debug').prefault('info').meta(about('How much is logged')),
  }).prefault({}),
  site: site.optional(),
  sources: z
    .array(source, { error: () => 'expected a list of sources' })
    .superRefine(holds(lineBreaches))
    .prefault([]),
  sinks: z.array(sink, { error: () => 'expected a list of sinks' }).prefault([]),
});

export type ConfigDocument = z.output<typeof configSchema>;

/** Two owners of a line would take each other's answers. */
function* lineBreaches(sources: readonly z.output<typeof source>[]): Iterable<Breach> {
  const lines = sources.map((one) => (one.type === 'modbus' ? formatLineAddress(one.url) : null));
  for (const [i, line] of lines.entries()) {
    const first = lines.indexOf(line);
    if (line !== null && first !== i)
      yield { path: [i, 'url'], message: `expected a line of its own; add the devices to sources[${first}]` };
  }
}

function queueBreaches({ ttl, retention }: { readonly ttl: number; readonly retention: number }): Breach[] {
  return retention >= ttl
    ? []
    : [{ path: ['retention'], message: 'expected at least as long as ttl, or readings would go while they are owed' }];
}

function* dimensionBreaches(dimensions: Readonly<Record<string, string>>): Iterable<Breach> {
  const keys = Object.keys(dimensions);
  // Two of Dynatrace's 50 are taken: `device` and `dt.metrics.source`.
  if (keys.length > 48) yield { path: [], message: 'expected at most 48 dimensions' };
  for (const key of keys) {
    if (key === 'device')
      yield { path: [key], message: 'the gateway sets this dimension itself; name devices at their source' };
    else if (key.startsWith('dt.')) yield { path: [key], message: 'names that begin with dt. belong to Dynatrace' };
    else if (key.length > 100 || !/^[a-z_][a-z0-9_:-]*(?:\.[a-z_][a-z0-9_:-]*)*$/.test(key))
      yield {
        path: [key],
        message: 'expected a name of lower-case letters, digits, _, -, : and dots, beginning with a letter',
      };
  }
}
