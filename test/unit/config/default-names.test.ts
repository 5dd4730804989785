import { expect, it } from 'vitest';
import { issuesOf, load } from '../../support/configuration.ts';

const list = (key: string, items: readonly string[]): { files: Record<string, string> } => ({
  files: { 'gateway.yaml': `${key}:\n${items.map((item) => `  - ${item}\n`).join('')}` },
});
const MQTT = "{ type: mqtt, url: 'mqtt://broker', topics: [x] }";
const modbus = (host: string): string => `{ type: modbus, url: 'tcp://${host}', devices: [{ profile: sofar-g3 }] }`;
const http = (host: string): string => `{ type: http, url: 'http://${host}', profile: amis }`;

it('sources of several types need no names', () => {
  const { sources } = load(list('sources', [MQTT, modbus('a'), http('b')]));
  expect(sources.map(({ name }) => name)).toEqual(['meter', 'inverter', 'poll']);
});

it.each([
  ['mqtt', 'meter', [MQTT, MQTT]],
  ['modbus', 'inverter', [modbus('a'), modbus('b')]],
  ['http', 'poll', [http('a'), http('b')]],
])('of two sources of type %s without a name, the second is told that %s is taken', (_, name, sources) => {
  expect(issuesOf(list('sources', sources))).toEqual([
    `sources[1].name: expected a name of its own, "${name}" is taken`,
  ]);
});

it('a name that is the default of another is taken', () => {
  const named = modbus('a').replace('{', '{ name: meter,');
  expect(issuesOf(list('sources', [MQTT, named]))).toEqual([
    'sources[1].name: expected a name of its own, "meter" is taken',
  ]);
});

it('nothing is said of the name of a sink or source whose type is unknown', () => {
  const tenant = "url: 'https://abc.live.dynatrace.com', token: t";
  const sinks = [`{ type: dynatrce, ${tenant} }`, `{ type: dynatrace, ${tenant} }`, `{ ${tenant} }`];
  expect(issuesOf(list('sinks', sinks)).map((issue) => issue.split(':')[0])).toEqual([
    'sinks[0].type',
    'sinks[2].type',
  ]);
  expect(issuesOf(list('sources', ['{ type: constructor }', '{ type: constructor }']))).toHaveLength(2);
});
