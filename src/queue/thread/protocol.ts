/** What crosses between the main thread and the queue's thread. */
import type { DurationMs, EpochMs, MonoMs } from '../../model/time.ts';
import type { ExitCode } from '../../model/error.ts';
import type {
  Advanced,
  Appended,
  Claim,
  ClaimRequest,
  Correction,
  Opening,
  QueueOptions,
  QueueReport,
  Settlement,
  SinkRegistration,
} from '../queue.ts';
import type { AppendParcel } from './append-parcel.ts';

export interface ThreadData {
  readonly options: QueueOptions;
  readonly now: EpochMs;
  readonly startedMono: MonoMs;
  readonly watchdogMs: DurationMs;
  /** One counter; the main loop adds to it once a second. */
  readonly beat: SharedArrayBuffer;
}

/** Argument and answer of each call. */
export interface Calls {
  readonly append: { readonly argument: AppendParcel; readonly answer: Appended };
  readonly claim: { readonly argument: ClaimRequest; readonly answer: Claim | null };
  readonly settle: { readonly argument: Settlement; readonly answer: void };
  readonly commitSettled: { readonly argument: null; readonly answer: void };
  readonly release: { readonly argument: number; readonly answer: void };
  readonly advance: { readonly argument: EpochMs; readonly answer: Advanced };
  readonly keepBounds: { readonly argument: EpochMs; readonly answer: Pick<Advanced, 'evicted' | 'pruned'> };
  readonly registerSinks: { readonly argument: readonly SinkRegistration[]; readonly answer: void };
  readonly confirmBoot: { readonly argument: Correction | null; readonly answer: void };
  readonly report: { readonly argument: EpochMs; readonly answer: QueueReport };
  readonly endSafeMode: { readonly argument: null; readonly answer: void };
  readonly close: { readonly argument: null; readonly answer: void };
}

export type Method = keyof Calls;

export type Request =
  | {
      readonly [M in Method]: {
        readonly kind: 'call';
        readonly id: number;
        readonly method: M;
        readonly argument: Calls[M]['argument'];
      };
    }[Method]
  | { readonly kind: 'state'; readonly key: string; readonly value: unknown; readonly withinMs: DurationMs };

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type Reply =
  | { readonly kind: 'opened'; readonly opening: Opening }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: WireError }
  | { readonly kind: 'foreign-change' }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly fields: object; readonly message: string };

/** An error as it survives the crossing, which takes classes and codes away. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  /** Only of a GatewayError. */
  readonly person: { readonly hint: string; readonly exitCode: ExitCode } | null;
}
