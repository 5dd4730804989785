/** AMIS payloads whose values tell their own number, so that a test can see which reading arrived where. */
import { QUANTITIES } from '../../src/model/quantity.ts';
import type { Quantity } from '../../src/model/reading.ts';

export const AMIS_KEYS = [
  'smartmeter.energy.active.import.total',
  'smartmeter.energy.active.export.total',
  'smartmeter.energy.reactive.import.total',
  'smartmeter.energy.reactive.export.total',
  'smartmeter.power.active.import',
  'smartmeter.power.active.export',
  'smartmeter.power.reactive.import',
  'smartmeter.power.reactive.export',
  'smartmeter.power.active.saldo',
  'smartmeter.inkasso',
] as const;

/** The same ten as the queue knows them. */
export const AMIS_QUANTITIES: readonly Quantity[] = AMIS_KEYS.map((key) => {
  const definition = QUANTITIES.find(({ metricKey }) => metricKey === key);
  if (definition === undefined) throw new Error(`no quantity becomes ${key}`);
  return definition.name;
});

/** The nth reading, measured at `atMs`: the energy counters grow by n, the powers are functions of n. */
export function amisPayload(n: number, atMs: number): string {
  return JSON.stringify({
    '1.8.0': 52_680_160 + n,
    '2.8.0': 22_571_990 + n,
    '3.8.1': 1_429_460 + n,
    '4.8.1': 3_086_146 + n,
    '1.7.0': 501 + n,
    '2.7.0': 507,
    '3.7.0': 0,
    '4.7.0': 256,
    '1.128.0': 0,
    saldo: -6 + n,
    time: Math.floor(atMs / 1000),
    serialnumber: '1234567890123',
  });
}
