import { z } from 'zod';
import { quantityDefinition, QUANTITIES } from '../model/quantity.ts';
import { DAY } from '../model/time.ts';
import { BROKER_ADDRESS, isLoopback, parseBrokerAddress } from './address.ts';
import { closest } from './closest.ts';
import { about, choice, duration, factor, holds, section, text, type Breach } from './schema-parts.ts';
import { invert, quantities, silentAfter, sourceName } from './source-parts.ts';

const brokerUrl = text(BROKER_ADDRESS).transform((written, context) => {
  const address = parseBrokerAddress(written);
  if (!('flaw' in address)) return address;
  context.addIssue({ code: 'custom', message: address.flaw });
  return z.NEVER;
});

const protocol = z.preprocess((input) => (input === 5 ? '5' : input), choice('auto', '5', '3.1.1'));

const field = section({
  path: text('a path such as ENERGY.Power').meta(about('Where the value stands in the JSON payload')),
  factor: factor().prefault(1).meta(about('Brings the value into the unit and sign of the quantity')),
});

export const mqttSource = section({
  type: z.literal('mqtt').meta(about('**An MQTT broker**, or one inside the gateway', '`mqtt`')),
  name: sourceName('meter'),
  url: brokerUrl.meta(
    about(
      'The broker: `mqtt://host:1883`, `mqtts://host:8883`, or `embedded://host:1883` for a broker inside the gateway. Beyond loopback an embedded one needs `username` and `password`',
      '`embedded://127.0.0.1:1883` when no source is configured',
    ),
  ),
  protocol: protocol
    .prefault('auto')
    .meta(about('MQTT version: `auto`, `5` or `3.1.1`; `auto` is 5, and 3.1.1 where the broker refuses that')),
  clientId: text('a client id')
    .optional()
    .meta(about('Names the session at the broker; keep it the same for good', '`gateway-<hostname>-<name>`')),
  username: text('a user name').optional().meta(about("The broker's user; for an embedded broker, who may log in")),
  password: text('a password').optional().meta(about('Secret')),
  passwordFile: text('the path of a file')
    .optional()
    .meta(about('File that holds the password; read again when it changes')),
  ca: text('the path of a file')
    .optional()
    .meta(about("PEM file of the authority that signed the broker's certificate", "the system's authorities")),
  fingerprint: text('a SHA-256 fingerprint')
    .transform((written) => written.replaceAll(':', '').toLowerCase())
    .refine((hex) => /^[0-9a-f]{64}$/.test(hex), 'expected a SHA-256 fingerprint: 64 hexadecimal digits')
    .optional()
    .meta(about("SHA-256 of the broker's own certificate, instead of `ca`")),
  topics: z
    .array(text('a topic filter'), { error: () => 'expected a list of topic filters such as [smartmeter/data]' })
    .min(1, 'expected at least one topic filter')
    .optional()
    .meta(about('Topic filters, `+` and `#` allowed', 'required; `[#]` for an embedded broker')),
  profile: text('the name of a profile')
    .prefault('amis')
    .meta(about('What the payload means: `amis`, `json` with `fields`, or another of `gateway profiles list`')),
  device: text('a name')
    .prefault('grid-meter')
    .meta(about("Dimension `device`; `{2}` stands for the topic's second level")),
  quantities,
  invert,
  saldo: choice('import', 'export').prefault('import').meta(about('Profile amis: which sign of `saldo` is positive')),
  trustTime: section({
    behind: duration(0, 3650 * DAY)
      .prefault('24h')
      .meta(about("How far in the past a device's own time is believed")),
    ahead: duration(0, DAY).prefault('2m').meta(about('How far in the future')),
  }).prefault({}),
  silentAfter,
  fields: z
    .record(z.string(), field, {
      error: () => 'expected quantities such as { power.active.import: { path: ENERGY.Power } }',
    })
    .optional()
    .meta(
      about('Profile json: by quantity, `path` in the payload and `factor` (default 1)', 'required for profile json'),
    ),
  time: section({
    path: text('a path such as Time').meta(about("Profile json: where the device's own time stands")),
    unit: choice('s', 'ms', 'iso').meta(about('`s` or `ms` since 1970, or `iso` (ISO 8601 with a zone)')),
  }).optional(),
}).superRefine(holds(sourceBreaches));

export type MqttSourceDocument = z.output<typeof mqttSource>;

/** What is wrong with a source whose keys are well-formed one by one. */
export function sourceBreaches(source: Omit<MqttSourceDocument, 'type'>): Breach[] {
  return [...loginBreaches(source), ...trustBreaches(source), ...topicBreaches(source), ...profileBreaches(source)];
}

type Part<K extends keyof MqttSourceDocument> = Pick<MqttSourceDocument, K>;

function* loginBreaches({
  url,
  username,
  password,
  passwordFile,
}: Part<'url' | 'username' | 'password' | 'passwordFile'>): Iterable<Breach> {
  const hasPassword = password !== undefined || passwordFile !== undefined;
  if (password !== undefined && passwordFile !== undefined)
    yield { path: ['passwordFile'], message: 'both password and passwordFile are set; set one of them' };
  if (hasPassword && username === undefined)
    yield { path: ['username'], message: 'expected a user name beside the password' };
  if (url.scheme !== 'embedded') return;
  if (username !== undefined && !hasPassword)
    yield { path: ['password'], message: 'expected a password beside the user name of an embedded broker' };
  if (!isLoopback(url.host) && username === undefined && !hasPassword)
    yield {
      path: ['username'],
      message: `an embedded broker open to the network (${url.host}) needs username and password`,
    };
}

function* trustBreaches({ url, ca, fingerprint }: Part<'url' | 'ca' | 'fingerprint'>): Iterable<Breach> {
  if (ca !== undefined && fingerprint !== undefined)
    yield { path: ['fingerprint'], message: 'both ca and fingerprint are set; set one of them' };
  if (url.scheme === 'mqtts') return;
  if (ca !== undefined) yield { path: ['ca'], message: 'only a connection with mqtts:// has certificates' };
  if (fingerprint !== undefined)
    yield { path: ['fingerprint'], message: 'only a connection with mqtts:// has certificates' };
}

function* topicBreaches({ url, topics, device }: Part<'url' | 'topics' | 'device'>): Iterable<Breach> {
  if (topics === undefined && url.scheme !== 'embedded')
    yield { path: ['topics'], message: 'expected topic filters such as [smartmeter/data]' };
  for (const [i, topic] of (topics ?? []).entries())
    if (!isTopicFilter(topic))
      yield { path: ['topics', i], message: 'expected a topic filter: + and # fill a whole level, # only the last' };
  if (/[{}]/.test(device.replaceAll(/\{[1-9]\d?\}/g, '')))
    yield { path: ['device'], message: "expected a name, with {n} for the topic's n-th level" };
}

function* profileBreaches({ profile, fields, time }: Part<'profile' | 'fields' | 'time'>): Iterable<Breach> {
  const named = Object.keys(fields ?? {});
  if (profile === 'json' && named.length === 0)
    yield {
      path: ['fields'],
      message: 'profile json needs fields, such as { power.active.import: { path: ENERGY.Power } }',
    };
  if (profile !== 'json' && fields !== undefined) yield { path: ['fields'], message: 'only profile json has fields' };
  if (profile !== 'json' && time !== undefined)
    yield { path: ['time'], message: 'only profile json has a configurable time' };
  const names = QUANTITIES.map(({ name }) => name);
  for (const quantity of named)
    if (quantityDefinition(quantity) === undefined)
      yield { path: ['fields', quantity], message: 'unknown quantity', suggestion: closest(quantity, names) };
}

/** MQTT 5, 4.7.1. */
function isTopicFilter(filter: string): boolean {
  const levels = filter.split('/');
  return (
    !filter.includes('\0') &&
    levels.every((level, i) => level === '+' || (level === '#' && i === levels.length - 1) || !/[+#]/.test(level))
  );
}
