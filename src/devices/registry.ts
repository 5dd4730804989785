/** The profiles by the name they have in the configuration. A new one is a file, a line here, and golden payloads in test/devices/<name>/. */
import { EXIT, GatewayError } from '../model/error.ts';
import { createAmisProfile, type AmisOptions } from './amis.ts';
import { createJsonProfile, type JsonOptions } from './json.ts';
import type { Profile } from './profile.ts';

/** A source's configuration as far as profiles look at it; each takes what it knows. */
export interface ProfileOptions {
  readonly saldo?: AmisOptions['saldo'] | undefined;
  readonly fields?: JsonOptions['fields'] | undefined;
  readonly time?: JsonOptions['time'];
}

export type ProfileName = 'amis' | 'json';

export const PROFILES: Readonly<Record<ProfileName, (options: ProfileOptions) => Profile>> = {
  amis: ({ saldo = 'import' }) => createAmisProfile({ saldo }),
  json: ({ fields = {}, time }) => {
    if (Object.keys(fields).length > 0) return createJsonProfile({ fields, time });
    throw new GatewayError('the profile json has no fields', {
      hint: 'Add `fields`, such as { power.active.import: { path: ENERGY.Power, factor: 1 } }.',
      exitCode: EXIT.configuration,
    });
  },
};
