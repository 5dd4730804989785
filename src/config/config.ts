import type { Problem } from '../model/problem.ts';
import type { ProfileData } from '../model/profile-data.ts';
import type { Quantity } from '../model/reading.ts';
import type { DurationMs } from '../model/time.ts';
import type { Secret } from '../platform/secret.ts';

/** The configuration with everything resolved: defaults filled in, units converted, paths absolute, secrets wrapped. */
export interface Config {
  /** The file it was read from; null when there is none. */
  readonly file: string | null;
  readonly dataDir: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly queue: QueueConfig;
  readonly log: { readonly level: 'error' | 'warn' | 'info' | 'debug' };
  /** At least one; names are unique. */
  readonly sources: readonly SourceConfig[];
  /** May be empty: then readings are only stored. Names are unique. */
  readonly sinks: readonly SinkConfig[];
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

export type SourceConfig = MqttSourceConfig;
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
  /** May contain `{n}`: the topic's n-th level, from 1. */
  readonly device: string;
  readonly saldo: 'import' | 'export';
  readonly trustTime: { readonly behindMs: DurationMs; readonly aheadMs: DurationMs };
  readonly silentAfterMs: DurationMs;
  /** Empty unless the profile is `json`. */
  readonly fields: Readonly<Record<Quantity, { readonly path: string; readonly factor: number }>>;
  readonly time: { readonly path: string; readonly unit: 's' | 'ms' | 'iso' } | null;
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
