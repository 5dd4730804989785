/** Profiles by name: those that are code, and those that are data (`profiles/*.yaml`). Golden payloads for each are in test/devices/<name>/. */
import { EXIT, GatewayError } from '../model/error.ts';
import type { ProfileData, QuantityChoice, RegisterProfileData } from '../model/profile-data.ts';
import { createAmisProfile, type AmisOptions } from './amis.ts';
import { inversion } from './inversion.ts';
import { createJsonProfile, type JsonOptions } from './json.ts';
import { createPayloadProfile } from './payload/payload-profile.ts';
import type { Profile } from './profile.ts';
import { RegisterProfile } from './registers/register-profile.ts';
import { wantedBy } from './wanted.ts';

/** A source's configuration as far as profiles look at it; each takes what it knows. */
export interface ProfileOptions {
  readonly saldo?: AmisOptions['saldo'] | undefined;
  readonly fields?: JsonOptions['fields'] | undefined;
  readonly time?: JsonOptions['time'];
  readonly quantities?: QuantityChoice | undefined;
  /** Quantities whose sign is the other way round here, with `*`. */
  readonly invert?: readonly string[] | undefined;
}

export const PROFILES: Readonly<Record<'amis' | 'json', (options: ProfileOptions) => Profile>> = {
  amis: ({ saldo = 'import' }) => createAmisProfile({ saldo }),
  json: ({ fields = {}, time }) => {
    if (Object.keys(fields).length > 0) return createJsonProfile({ fields, time });
    throw new GatewayError('the profile json has no fields', {
      hint: 'Add `fields`, such as { power.active.import: { path: ENERGY.Power, factor: 1 } }.',
      exitCode: EXIT.configuration,
    });
  },
};

/** The profile of payloads that has this name, or that the data describes. */
export function createProfile(
  { name, data }: { readonly name: string; readonly data: ProfileData | null },
  options: ProfileOptions,
): Profile {
  const profile = createUpright({ name, data }, options);
  if (options.invert === undefined) return profile;
  const invert = inversion(options.invert);
  return { ...profile, decode: (payload, context) => invert(profile.decode(payload, context)) };
}

function createUpright(
  { name, data }: { readonly name: string; readonly data: ProfileData | null },
  options: ProfileOptions,
): Profile {
  const { quantities = 'default' } = options;
  if (data?.kind === 'payload') return createPayloadProfile(data, wantedBy(quantities));
  if (name === 'amis' || name === 'json') return PROFILES[name](options);
  throw new Error(`${name} is no profile of payloads`);
}

export interface RegisterDevice {
  readonly device: string;
  readonly profile: RegisterProfileData;
  readonly quantities: QuantityChoice;
  readonly invert?: readonly string[] | undefined;
}

/** One profile for all devices of a line; which one a poll is of is told by its device. */
export function createRegisterProfiles(devices: readonly RegisterDevice[]): Profile {
  const profiles = new Map(
    devices.map(({ device, profile: data, quantities, invert = [] }) => {
      const profile = new RegisterProfile(data, quantities);
      return [device, { profile, invert: inversion(invert) }];
    }),
  );
  return {
    name: 'registers',
    takesText: false,
    decode(payload, context) {
      const one = profiles.get(context.device);
      if (one !== undefined) return one.invert(one.profile.decode(payload, context));
      return { kind: 'refused', reason: `no device of this line is called ${context.device}` };
    },
    describe: (device, quantity, value) => profiles.get(device)?.profile.describe(quantity, value) ?? null,
  };
}
