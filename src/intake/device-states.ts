import type { DecodedReadings, Profile } from '../devices/profile.ts';
import type { Quantity } from '../model/reading.ts';

/** What a device last said of itself, in the words of its profile. */
export interface DeviceState {
  /** The dimension `device`. */
  readonly name: string;
  /** With what its status words add; null where it has told none yet. */
  readonly state: string | null;
  /** One text for each word of faults in which bits are set, and that of an alarm. */
  readonly faults: readonly string[];
}

const STATE: Quantity = 'device.state';
const STATUS = 'device.status.';
const FAULTS = /^device\.(?:fault\.|alarm$)/;
/** Topics can name any number of devices. */
const MAX_DEVICES = 100;

/** Remembers the states of one source's devices, for those who look; what is stored and sent are their numbers. */
export class DeviceStates {
  readonly #profile: Profile;
  readonly #texts = new Map<string, Map<Quantity, string | null>>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  observe({ readings }: DecodedReadings): void {
    if (this.#profile.describe === undefined) return;
    for (const { device, quantities, values } of readings)
      for (const [i, quantity] of quantities.entries()) this.#note(device, quantity, values[i] ?? 0);
  }

  /** In the order in which they were first heard of. */
  list(): DeviceState[] {
    return [...this.#texts].map(([name, texts]) => ({
      name,
      state: textsOf(texts, (quantity) => quantity === STATE || quantity.startsWith(STATUS)).join(', ') || null,
      faults: textsOf(texts, (quantity) => FAULTS.test(quantity)),
    }));
  }

  #note(device: string, quantity: Quantity, value: number): void {
    if (this.#profile.describe === undefined) return;
    if (quantity !== STATE && !quantity.startsWith(STATUS) && !FAULTS.test(quantity)) return;
    if (!this.#texts.has(device) && this.#texts.size >= MAX_DEVICES) return;
    const texts = this.#texts.get(device) ?? new Map<Quantity, string | null>();
    const text = this.#profile.describe(device, quantity, value);
    // A state that the profile does not know is still news.
    texts.set(quantity, text ?? (quantity === STATE ? String(value) : null));
    this.#texts.set(device, texts);
  }
}

/** The texts of those quantities that say something. */
function textsOf(texts: ReadonlyMap<Quantity, string | null>, of: (quantity: Quantity) => boolean): string[] {
  return [...texts].flatMap(([quantity, text]) => (text !== null && of(quantity) ? [text] : []));
}
