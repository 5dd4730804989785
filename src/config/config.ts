import type { Problem } from '../model/problem.ts';
import type { ProfileData, QuantityChoice, RegisterProfileData, SerialLine } from '../model/profile-data.ts';
import type { Quantity } from '../model/reading.ts';
import type { DurationMs } from '../model/time.ts';
import type { Secret } from '../platform/secret.ts';
import type { LineAddress } from './line-address.ts';

/** The configuration with everything resolved: defaults filled in, units converted, paths absolute, secrets wrapped. */
export interface Config {
  /** The file it was read from; null when there is none. */
  readonly file: string | null;
  readonly dataDir: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly queue: QueueConfig;
  /** After a crash loop, collect only for a while. */
  readonly safeMode: boolean;
  readonly log: { readonly level: 'error' | 'warn' | 'info' | 'debug' };
  /** Null: nothing is derived. */
  readonly site: SiteConfig | null;
  /** At least one; names are unique. */
  readonly sources: readonly SourceConfig[];
  /** May be empty: then readings are only stored. Names are unique. */
  readonly sinks: readonly SinkConfig[];
  /** By the key, such as `sources[0].url`, the variable that set it and where that stands, in words. */
  readonly origins: ReadonlyMap<string, string>;
  /** What is allowed but should not stay: part of the status. Judged anew each time, because files change. */
  readonly warnings: readonly Problem[];
}

export interface QueueConfig {
  readonly lingerMs: DurationMs;
  readonly ttlMs: DurationMs;
  readonly retentionMs: DurationMs;
  readonly budgetBytes: number;
  readonly minFreeDiskBytes: number;
}

/** Which devices the site has, by the names in their readings. */
export interface SiteConfig {
  readonly grid: string;
  readonly pv: readonly string[];
  readonly battery: readonly string[];
  readonly chargers: readonly string[];
  readonly maxAgeMs: DurationMs;
}

export type SourceConfig = MqttSourceConfig | ModbusSourceConfig | HttpSourceConfig;
export type SinkConfig = DynatraceSinkConfig;

export interface MqttSourceConfig {
  readonly type: 'mqtt';
  readonly name: string;
  /** `transport://host:port`; nothing secret in it. */
  readonly url: string;
  /** `embedded`: a broker inside the gateway that listens on `host` and `port`. */
  readonly transport: 'mqtt' | 'mqtts' | 'embedded';
  readonly host: string;
  readonly port: number;
  readonly protocol: 'auto' | '5' | '3.1.1';
  readonly clientId: string;
  readonly username: string | null;
  readonly password: Secret | null;
  readonly ca: CertificateFile | null;
  /** 64 lower-case hexadecimal digits. */
  readonly fingerprint: string | null;
  readonly topics: readonly string[];
  readonly profile: ProfileConfig;
  readonly quantities: QuantityChoice;
  /** Quantities whose sign is the other way round here, with `*`. */
  readonly invert: readonly string[];
  /** May contain `{n}`: the topic's n-th level, from 1. */
  readonly device: string;
  readonly saldo: 'import' | 'export';
  readonly trustTime: { readonly behindMs: DurationMs; readonly aheadMs: DurationMs };
  readonly silentAfterMs: DurationMs;
  /** Empty unless the profile is `json`. */
  readonly fields: Readonly<Record<Quantity, { readonly path: string; readonly factor: number }>>;
  readonly time: { readonly path: string; readonly unit: 's' | 'ms' | 'iso' } | null;
}

export interface ModbusSourceConfig {
  readonly type: 'modbus';
  readonly name: string;
  readonly url: string;
  readonly line: LineAddress;
  /** Serial number of the logger stick; null unless the line leads to one. */
  readonly logger: number | null;
  /** How a serial line is set; of no meaning elsewhere. */
  readonly serial: SerialLine;
  readonly intervalMs: DurationMs;
  readonly gapMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly devices: readonly ModbusDeviceConfig[];
  readonly silentAfterMs: DurationMs;
}

export interface ModbusDeviceConfig {
  readonly unit: number;
  readonly device: string;
  readonly profile: RegisterProfileData;
  readonly quantities: QuantityChoice;
  /** Quantities whose sign is the other way round here, with `*`. */
  readonly invert: readonly string[];
}

export interface HttpSourceConfig {
  readonly type: 'http';
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly paths: readonly string[];
  readonly profile: ProfileConfig;
  readonly device: string;
  readonly quantities: QuantityChoice;
  /** Quantities whose sign is the other way round here, with `*`. */
  readonly invert: readonly string[];
  readonly intervalMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly auth: 'auto' | 'basic' | 'digest';
  readonly username: string | null;
  readonly password: Secret | null;
  readonly ca: CertificateFile | null;
  readonly silentAfterMs: DurationMs;
}

/** A profile by its name; `data` is null for those that are code. */
export interface ProfileConfig {
  readonly name: string;
  readonly data: ProfileData | null;
}

export interface DynatraceSinkConfig {
  readonly type: 'dynatrace';
  readonly name: string;
  /** Base URL without a slash at the end. */
  readonly url: string;
  readonly token: Secret;
  readonly ca: CertificateFile | null;
  readonly resolution: 'minute' | 'raw';
  readonly flushMs: DurationMs;
  readonly late: 'bizevents' | 'none';
  readonly backfill: boolean;
  readonly insecureSkipVerify: boolean;
}

export interface CertificateFile {
  readonly path: string;
  readonly pem: string;
}
