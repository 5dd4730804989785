/**
 * A profile as data: what a family of devices says, written down in YAML (`profiles/*.yaml`, and the same in the data
 * directory). The schema in config/ checks the form, devices/ gives it its meaning.
 */
import type { PayloadUnit } from './payload-unit.ts';
import type { Quantity } from './reading.ts';

export type ProfileData = PayloadProfileData | RegisterProfileData;

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
  readonly time: PayloadTime | null;
  readonly serial: string | null;
  /** The device tells its values one by one; always so for a rule of `value`. */
  readonly part: boolean;
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
  /** Texts and booleans that mean a number, such as `ON: 1`; compared without case. */
  readonly texts: Readonly<Record<string, number>>;
  readonly when: readonly PayloadCondition[];
}

/** An absent field equals nothing. */
export interface PayloadCondition {
  readonly path: string;
  readonly equals?: string | number | boolean | null;
  readonly not?: string | number | boolean | null;
}

export interface PayloadTime {
  readonly path: string;
  readonly unit: 's' | 'ms' | 'iso';
}

/** Registers of Modbus devices. */
export interface RegisterProfileData extends ProfileHead {
  readonly kind: 'registers';
}
