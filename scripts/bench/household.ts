/** The readings of the benchmark: what an AMIS reader publishes, of many devices, every value plausible and none like the last. */
export interface Reading {
  readonly device: string;
  readonly atSeconds: number;
  readonly n: number;
}

const AMIS_EVERY_SECONDS = 5;

export function deviceName(index: number): string {
  return `meter-${String(index).padStart(3, '0')}`;
}

/** Every device once per interval, oldest first; the newest at `untilSeconds`. */
export function* readings(
  devices: number,
  perDevice: number,
  everySeconds: number,
  untilSeconds: number,
): Generator<Reading> {
  for (let n = 0; n < perDevice; n++) {
    const atSeconds = untilSeconds - (perDevice - 1 - n) * everySeconds;
    for (let index = 0; index < devices; index++) yield { device: deviceName(index), atSeconds, n };
  }
}

/** The ten values in stored units, in the order of `QUANTITIES`. */
export function valuesOf({ n }: Pick<Reading, 'n'>): number[] {
  const power = 400 + ((n * 37) % 900);
  return [52_680_160 + n, 22_571_990 + n, 1_429_460 + n, 3_086_146 + n, power, 507, 0, 256, power - 507, 0];
}

/** In the order of `valuesOf`. */
export const QUANTITIES = [
  'energy.active.import',
  'energy.active.export',
  'energy.reactive.import',
  'energy.reactive.export',
  'power.active.import',
  'power.active.export',
  'power.reactive.import',
  'power.reactive.export',
  'power.active.saldo',
  'energy.inkasso',
] as const;

const KEYS = ['1.8.0', '2.8.0', '3.8.1', '4.8.1', '1.7.0', '2.7.0', '3.7.0', '4.7.0', 'saldo', '1.128.0'] as const;

/** The JSON of one reading, with the device's own time. */
export function amisPayload(reading: Reading): string {
  const values = valuesOf(reading);
  const fields = KEYS.map((key, i) => `"${key}":${values[i]}`).join(',');
  return `{${fields},"time":${reading.atSeconds},"serialnumber":"${reading.device}"}`;
}

/** A message of every device every five seconds, oldest first. */
export function* amisMessages(
  devices: number,
  perDevice: number,
  untilSeconds: number,
): Generator<{ readonly topic: string; readonly payload: string }> {
  for (const reading of readings(devices, perDevice, AMIS_EVERY_SECONDS, untilSeconds)) {
    yield { topic: `meters/${reading.device}/data`, payload: amisPayload(reading) };
  }
}
