/**
 * Which register map a device has. Never decided by a serial number alone: a map must be plausible, twice, and where several
 * are, the serial number and then the more demanding map decides.
 */
import type { PlausibleRegister, RegisterProfileData } from '../model/profile-data.ts';
import { numberAt, textAt, wordsFromHex } from '../devices/registers/words.ts';
import { answeredByDevice } from '../sources/modbus/answered-by-device.ts';
import type { Bus, ReadOutcome } from '../sources/modbus/bus.ts';

export type Detection =
  | {
      readonly kind: 'found';
      readonly profile: RegisterProfileData;
      readonly serial: string | null;
      /** Names of other maps that fit less well. */
      readonly others: readonly string[];
    }
  /** It answers, but has no map that is known. */
  | { readonly kind: 'unknown' }
  /** Bytes came that are no answer: the speed, the parity or the protocol is another. */
  | { readonly kind: 'garbled' }
  | { readonly kind: 'silent' };

const WORDS = { u16: 1, s32: 2, f32: 2 } as const;
const SUNSPEC_MARKER = '53756e53';
const SUNSPEC_BASES = [40_000, 50_000, 0];
/** Requests without any answer after which nobody is taken to be there. */
export const SILENT_AFTER = 3;

export async function detectMap(bus: Bus, unit: number, profiles: readonly RegisterProfileData[]): Promise<Detection> {
  const probe = new Probe(bus, unit);
  const plausible: RegisterProfileData[] = [];
  // Inverters first: not each answers a question for registers that only meters have.
  for (const profile of profiles.toSorted((a, b) => Number(hasSerial(b)) - Number(hasSerial(a)))) {
    if (await isPlausible(probe, profile)) plausible.push(profile);
    if (probe.isHopeless) return { kind: probe.garbled ? 'garbled' : 'silent' };
  }
  // A register may be in range by chance, or for a moment.
  const twice: RegisterProfileData[] = [];
  for (const profile of plausible) if (await isPlausible(probe, profile)) twice.push(profile);
  if (twice.length === 0) return { kind: probe.answered ? 'unknown' : probe.garbled ? 'garbled' : 'silent' };
  const serials = new Map<RegisterProfileData, string>();
  for (const profile of twice) serials.set(profile, await probe.serial(profile));
  const [best, ...rest] = twice.toSorted((a, b) => rank(b, serials.get(b)) - rank(a, serials.get(a)));
  if (best === undefined) return { kind: 'unknown' };
  return {
    kind: 'found',
    profile: best,
    serial: serials.get(best) || null,
    others: rest.map(({ name }) => name),
  };
}

function hasSerial({ detect }: RegisterProfileData): boolean {
  return (detect?.serial ?? null) !== null;
}

function rank({ detect }: RegisterProfileData, serial: string | undefined): number {
  const named = detect?.serial?.prefixes.some((prefix) => serial?.startsWith(prefix) ?? false) ?? false;
  return (named ? 100 : 0) + (detect?.plausible.length ?? 0);
}

async function isPlausible(probe: Probe, profile: RegisterProfileData): Promise<boolean> {
  if (profile.models.length > 0) return probe.hasMarker();
  const checks = profile.detect?.plausible ?? [];
  for (const check of checks) {
    const value = await probe.number(check);
    if (value === null || value < check.min || value > check.max) return false;
  }
  return checks.length > 0;
}

/** Asks one device and notes how it answers. */
class Probe {
  readonly #bus: Bus;
  readonly #unit: number;
  answered = false;
  garbled = false;
  #unanswered = 0;

  constructor(bus: Bus, unit: number) {
    this.#bus = bus;
    this.#unit = unit;
  }

  /** Nothing that could be an answer has come so far. */
  get isHopeless(): boolean {
    return !this.answered && this.#unanswered >= SILENT_AFTER;
  }

  async number({ fc, address, type }: PlausibleRegister): Promise<number | null> {
    const hex = await this.#read(fc, address, WORDS[type]);
    const words = hex === null ? null : wordsFromHex(hex);
    return words === null ? null : numberAt(words, 0, type, 'high-first');
  }

  async hasMarker(): Promise<boolean> {
    for (const base of SUNSPEC_BASES) {
      if (this.isHopeless) return false;
      if ((await this.#read(3, base, 2)) === SUNSPEC_MARKER) return true;
    }
    return false;
  }

  async serial({ detect }: RegisterProfileData): Promise<string> {
    if (!detect?.serial) return '';
    const { fc, address, words } = detect.serial;
    const hex = await this.#read(fc, address, words);
    const data = hex === null ? null : wordsFromHex(hex);
    return data === null ? '' : textAt(data, 0, words);
  }

  async #read(fc: 1 | 2 | 3 | 4, start: number, count: number): Promise<string | null> {
    const strays = this.#bus.counts.strays;
    const outcome: ReadOutcome = await this.#bus.read({ unit: this.#unit, fc, start, count });
    if (answeredByDevice(outcome)) this.answered = true;
    else this.#unanswered++;
    if (outcome.kind === 'invalid' || this.#bus.counts.strays > strays) this.garbled = true;
    return outcome.kind === 'data' ? Buffer.from(outcome.bytes).toString('hex') : null;
  }
}
