/**
 * A profile as data: what a family of devices says, written down in YAML (`profiles/*.yaml`, and the same in the data
 * directory). The schema in config/ checks the form, devices/ gives it its meaning.
 */
import type { PayloadUnit } from './payload-unit.ts';
import type { Quantity } from './reading.ts';

export type ProfileData = PayloadProfileData | RegisterProfileData;

/** Which of a profile's quantities are kept: those it has enabled, all, or those that match a pattern with `*`. */
export type QuantityChoice = 'default' | 'all' | readonly string[];

interface ProfileHead {
  /** As the configuration names it. */
  readonly name: string;
  /** The devices, for a person. */
  readonly title: string;
  /** Where the facts come from, with their licences. */
  readonly sources: readonly string[];
  /** What a user of these devices should know. */
  readonly notes: readonly string[];
}

/** Payloads of MQTT messages or HTTP answers. */
export interface PayloadProfileData extends ProfileHead {
  readonly kind: 'payload';
  /** Paths below the source's `url` that are asked one after the other when the device is polled over HTTP. */
  readonly http: readonly string[];
  /** The last levels of topics that never carry a reading, such as availability. */
  readonly ignore: readonly string[];
  /** A payload is given to every rule it fits; what fits none is ignored. */
  readonly rules: readonly PayloadRule[];
}

export interface PayloadRule {
  /**
   * The last levels of the topic (or of the HTTP path); `+` is any level, `{name}` one that `device` may use, text may
   * stand around it (`em1:{channel}`). Null: any topic.
   */
  readonly topic: string | null;
  /** Payloads whose text is not JSON (`230.4`) are for rules of `value`, JSON objects for rules of `fields`. */
  readonly value: PayloadField | null;
  /** Below which the fields stand: a path, `*` standing for any one key; with `[]` at its end a list, each element a reading. */
  readonly at: string;
  readonly fields: readonly PayloadField[];
  /** The reading's device: `{device}` as configured, `{name}` a level of the topic, `{index}` the element's from 1. */
  readonly device: string;
  /** Not a reading unless these hold. */
  readonly when: readonly PayloadCondition[];
  /** From the payload's root. */
  readonly time: PayloadTime | null;
  /** Below `at`. */
  readonly serial: string | null;
  /** The device tells its values one by one; always so for a rule of `value`. */
  readonly part: boolean;
  /** Only where no other rule finds a reading, such as for an answer whose path is not known. */
  readonly fallback: boolean;
}

export interface PayloadField {
  /** Paths below `at`, the first that is there counts; empty for a rule of `value`. Keys are compared without case. */
  readonly paths: readonly string[];
  /** Paths whose values are added up, such as two tariffs; the sum needs all of them. Empty: no sum. */
  readonly sum: readonly string[];
  readonly quantity: Quantity;
  readonly unit: PayloadUnit;
  /** -1 where the device's sign is not the canonical one, or what else turns the number into `unit`. */
  readonly factor: number;
  /** Outside these, in `unit` and before `factor`, the value is refused. */
  readonly min: number | null;
  readonly max: number | null;
  /** Numbers by which the device says that it has none: a gap. */
  readonly absent: readonly number[];
  /** Texts and booleans that mean a number, such as `ON: 1`; compared without case. Where there are some, other texts say nothing. */
  readonly texts: Readonly<Record<string, number>>;
  readonly when: readonly PayloadCondition[];
  /** The device gives a signed word of 16 bits as an unsigned one. */
  readonly signed16: boolean;
  /** Sent unless the configuration says otherwise. */
  readonly enabled: boolean;
}

/** All that is said must hold. An absent field equals nothing and is neither above nor below. */
export interface PayloadCondition {
  /** Below the rule's `at`; behind `$.` from the payload's root. */
  readonly path: string;
  readonly equals?: string | number | boolean | null;
  readonly not?: string | number | boolean | null;
  readonly present?: boolean;
  readonly above?: number;
  readonly below?: number;
}

export interface PayloadTime {
  readonly path: string;
  readonly unit: 's' | 'ms' | 'iso';
}

/** Registers of Modbus devices, read in blocks. */
export interface RegisterProfileData extends ProfileHead {
  readonly kind: 'registers';
  /** How the device's serial line is set when it leaves the factory. */
  readonly line: SerialLine;
  readonly unit: number;
  readonly limits: RegisterLimits;
  /** What is read. Empty for SunSpec, whose models are found by walking. */
  readonly blocks: readonly RegisterBlock[];
  /** SunSpec models by their number; empty for everything else. */
  readonly models: readonly SunspecModel[];
  readonly wordOrder: 'high-first' | 'low-first';
  readonly registers: readonly RegisterData[];
  /** What the numbers of a state mean, by quantity. */
  readonly states: Readonly<Record<Quantity, Readonly<Record<number, string>>>>;
  /** What the bits of a word mean, by quantity; bit 0 is the least significant. */
  readonly bits: Readonly<Record<Quantity, Readonly<Record<number, string>>>>;
  readonly detect: RegisterDetection | null;
  /** Quantities that are measured by something that may be missing: where all of a group are 0, nobody has measured. */
  readonly zeroMeansNone: readonly (readonly Quantity[])[];
  /** `sleeps`: a device without a battery that loses its supply at night; its silence is no failure. */
  readonly night: 'sleeps' | 'awake';
}

export interface SerialLine {
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
}

export interface RegisterLimits {
  /** Words in one read. */
  readonly maxWords: number;
  /** Between an answer and the next request. */
  readonly gapMs: number;
  readonly timeoutMs: number;
}

export type FunctionCode = 1 | 2 | 3 | 4;

export interface RegisterBlock {
  readonly fc: FunctionCode;
  /** The address on the wire. */
  readonly start: number;
  readonly count: number;
  /** live: at every poll; slow: every minute; daily; once: after each connecting. */
  readonly every: 'live' | 'slow' | 'daily' | 'once';
  /** Not every device has it: an exception 2 is no failure. */
  readonly optional: boolean;
}

export type RegisterType = keyof typeof NUMBER_WORDS | 'ascii';

const NUMBER_WORDS = { u16: 1, s16: 1, u32: 2, s32: 2, u64: 4, f32: 2 };

/** Words a register takes; of an `ascii` as many as it says. */
export function registerWords({ type, words }: Pick<RegisterData, 'type' | 'words'>): number {
  return type === 'ascii' ? words : NUMBER_WORDS[type];
}

export interface RegisterData {
  readonly fc: FunctionCode;
  readonly address: number;
  readonly type: RegisterType;
  /** Words of an `ascii`; else what the type has. */
  readonly words: number;
  /** The name in the vendor's document. */
  readonly title: string;
  /** Null: text that tells which device it is. */
  readonly quantity: Quantity | null;
  /** value = raw × scale, in `unit`; negative where the device's sign is not the canonical one. */
  readonly scale: number;
  readonly unit: PayloadUnit;
  /** Sent unless the configuration says otherwise. */
  readonly enabled: boolean;
  /** Raw values by which the device says that it has none. */
  readonly invalid: readonly number[];
  readonly min: number | null;
  readonly max: number | null;
  /** A counter that never falls; by how much it may rise in an hour, in `unit`. Null: no counter. */
  readonly risesPerHour: number | null;
}

export interface RegisterDetection {
  /** Where a serial number stands that begins with one of the prefixes. */
  readonly serial: {
    readonly fc: FunctionCode;
    readonly address: number;
    readonly words: number;
    readonly prefixes: readonly string[];
  } | null;
  /** Registers whose number must be in a range, such as a frequency; all of them. */
  readonly plausible: readonly PlausibleRegister[];
}

export interface PlausibleRegister {
  readonly fc: FunctionCode;
  readonly address: number;
  readonly type: 'u16' | 's32' | 'f32';
  readonly min: number;
  readonly max: number;
}

export interface SunspecModel {
  readonly model: number;
  /** Words of the repeating block behind the fixed ones; 0: none. */
  readonly repeat: { readonly offset: number; readonly words: number } | null;
  readonly points: readonly SunspecPoint[];
}

export interface SunspecPoint {
  readonly offset: number;
  readonly type:
    | 'int16'
    | 'uint16'
    | 'int32'
    | 'uint32'
    | 'acc32'
    | 'uint64'
    | 'acc64'
    | 'enum16'
    | 'bitfield32'
    | 'float32'
    | 'string';
  readonly words: number;
  readonly title: string;
  /** Offset of the scale factor's register in the same model; null: none. */
  readonly scaleAt: number | null;
  /** `{n}` stands for the number of a repeating block, from 1. */
  readonly quantity: Quantity | null;
  readonly unit: PayloadUnit;
  readonly factor: number;
  readonly enabled: boolean;
  readonly risesPerHour: number | null;
}
