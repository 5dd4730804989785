import type { Config } from '../config/config.ts';
import { closest } from '../config/closest.ts';
import { CODED_PROFILES, findProfile, profileFolders, profileNames } from '../config/profile-file.ts';
import type { Profile, RefusedField } from '../devices/profile.ts';
import { createProfile, createRegisterProfiles } from '../devices/registry.ts';
import { Judge } from '../intake/judge.ts';
import { decideTime } from '../intake/device-time.ts';
import { inletOptions } from '../make-source.ts';
import { EXIT, GatewayError, type ExitCode } from '../model/error.ts';
import type { QuantityChoice } from '../model/profile-data.ts';
import { DAY, MINUTE, type EpochMs } from '../model/time.ts';
import { SILENT_LOG } from './silent-log.ts';
import { validProfile } from './valid-profile.ts';

/** What decodes: a profile by its name, or a configured source. */
export interface DecodeTarget {
  readonly profile?: string;
  readonly source?: string;
  readonly device: string;
  readonly quantities: string;
}

export interface DecodeInput {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  /** When it came. */
  readonly at: EpochMs;
}

/** Stable: fields are added, never renamed. */
export interface DecodedDocument {
  readonly readings: readonly {
    readonly device: string;
    /** ISO 8601, UTC. */
    readonly at: string;
    readonly values: Readonly<Record<string, number>>;
  }[];
  readonly refusals: readonly RefusedField[];
}

export type Decoder = (input: DecodeInput) => DecodedDocument;

const TRUST = { behindMs: DAY, aheadMs: 2 * MINUTE };

/** Throws a GatewayError for a profile or source that does not exist or cannot be used. */
export function decoderOf(target: DecodeTarget, loadConfig: () => Config, dataDir: string | null): Decoder {
  const { profile, device, trust } = lookUp(target, loadConfig, dataDir);
  const judge = new Judge({ profile, device }, SILENT_LOG);
  return ({ topic, payload, retained, at }) => {
    const decoded = judge.judge(topic, payload);
    if (decoded.kind === 'ignored') return { readings: [], refusals: [ignored(decoded.reason)] };
    if (decoded.kind !== 'readings') return { readings: [], refusals: [{ field: 'payload', reason: decoded.reason }] };
    const readings = decoded.readings.flatMap((reading) => {
      const { deviceTime, quantities, values } = reading;
      const time = decideTime({ deviceTime, receivedAt: at, confirmed: true, retained, waited: false }, trust);
      if (time.kind === 'ignored') return [];
      const entries = quantities.map((quantity, i) => [quantity, values[i] ?? Number.NaN] as const);
      return [{ device: reading.device, at: new Date(time.at).toISOString(), values: Object.fromEntries(entries) }];
    });
    const stale = readings.length > 0 ? [] : [ignored('retained, without a time of its own: state, no reading')];
    return { readings, refusals: [...decoded.refusedFields, ...stale] };
  };
}

/** Not meant as a reading: the gateway does not count it as refused. */
function ignored(reason: string): RefusedField {
  return { field: 'payload', reason: `ignored: ${reason}` };
}

interface Target {
  readonly profile: Profile;
  readonly device: string;
  readonly trust: { readonly behindMs: number; readonly aheadMs: number };
}

function lookUp(target: DecodeTarget, loadConfig: () => Config, dataDir: string | null): Target {
  if ((target.profile === undefined) === (target.source === undefined))
    throw failure('expected either --profile or --source', 'See `gateway profiles list` for the profiles.', EXIT.usage);
  if (target.source !== undefined) return ofSource(target.source, loadConfig());
  const name = target.profile ?? '';
  const quantities = choiceOf(target.quantities);
  const common = { device: target.device, trust: TRUST };
  if (CODED_PROFILES.includes(name)) return { ...common, profile: createProfile({ name, data: null }, { quantities }) };
  const folders = profileFolders(dataDir ?? '.');
  const file = findProfile(name, folders);
  if (file === null) {
    const suggestion = closest(name, [...CODED_PROFILES, ...profileNames(folders)]);
    throw failure(
      `there is no profile ${name}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`,
      'See `gateway profiles list`.',
      EXIT.usage,
    );
  }
  const data = validProfile(file);
  if (data.kind === 'payload') return { ...common, profile: createProfile({ name, data }, { quantities }) };
  const { device } = target;
  return { ...common, profile: createRegisterProfiles([{ device, profile: data, quantities }]) };
}

function ofSource(name: string, config: Config): Target {
  const source = config.sources.find((one) => one.name === name);
  if (source === undefined)
    throw failure(
      `the configuration has no source ${name}`,
      `It has ${config.sources.map((one) => one.name).join(', ')}.`,
      EXIT.usage,
    );
  const { profile, device, trustTime } = inletOptions({ window: null }, source);
  return { profile, device, trust: trustTime };
}

function choiceOf(text: string): QuantityChoice {
  return text === 'default' || text === 'all' ? text : text.split(',').map((pattern) => pattern.trim());
}

function failure(message: string, hint: string, exitCode: ExitCode): GatewayError {
  return new GatewayError(message, { hint, exitCode });
}
