import { blocksOf } from '../devices/registers/blocks.ts';
import { RegisterProfile } from '../devices/registers/register-profile.ts';
import { commissioning, type Finding } from '../devices/commissioning.ts';
import type { Json } from '../devices/profile.ts';
import { quantityDefinition } from '../model/quantity.ts';
import type { RegisterProfileData } from '../model/profile-data.ts';
import type { Clock } from '../platform/clock.ts';
import type { Bus } from '../sources/modbus/bus.ts';
import { PolledDevice } from '../sources/modbus/polled-device.ts';

/** What a device says at this moment. */
export interface LiveValues {
  readonly values: readonly {
    readonly quantity: string;
    readonly value: number;
    readonly unit: string;
    /** What a state or a word of bits means. */
    readonly text: string | null;
  }[];
  readonly findings: readonly Finding[];
  /** Registers that could not be used, with the reason. */
  readonly refusals: readonly string[];
}

/** Polls a device once, as the gateway would. */
export async function readLive(
  bus: Bus,
  unit: number,
  profile: RegisterProfileData,
  clock: Clock,
): Promise<LiveValues> {
  const { blocks, models } = blocksOf(profile, 'default');
  const device = new PolledDevice({
    name: profile.name,
    unit,
    maxWords: profile.limits.maxWords,
    blocks,
    models,
    sleeps: false,
  });
  const poll = await device.poll(bus, clock.monoMs());
  const decoder = new RegisterProfile(profile, 'default');
  const payload: Json = { mono: 0, blocks: poll?.blocks ?? {}, models: poll?.models ?? {} };
  const decoded = decoder.decode(payload, { topic: profile.name, device: profile.name });
  if (decoded.kind !== 'readings')
    return { values: [], findings: [], refusals: [...(poll?.refusals ?? []), decoded.reason] };
  const [reading] = decoded.readings;
  const pairs = (reading?.quantities ?? []).map((quantity, i) => [quantity, reading?.values[i] ?? Number.NaN] as const);
  return {
    values: pairs.map(([quantity, value]) => ({
      quantity,
      value,
      unit: quantityDefinition(quantity)?.unit ?? '',
      text: decoder.describe(quantity, value),
    })),
    findings: commissioning(new Map(pairs)),
    refusals: [...(poll?.refusals ?? []), ...decoded.refusedFields.map(({ field, reason }) => `${field}: ${reason}`)],
  };
}
