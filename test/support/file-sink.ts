import { appendFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Outcome } from '../../src/model/outcome.ts';
import { quantityDefinition } from '../../src/model/quantity.ts';
import type { LateReading, Sample } from '../../src/model/sample.ts';
import type { ReadingRoute, Route, SampleRoute, SendOptions, Sink } from '../../src/sinks/sink.ts';

const WEEK_MS = 7 * 86_400_000;

/**
 * A second sink, so that the contract is one of sinks and not of Dynatrace: appends JSON lines to a file. It is unreachable
 * while its folder is missing, refuses what belongs to the device `refused`, and takes a key file as its credential.
 */
export class FileSink implements Sink {
  readonly name = 'file';
  readonly type = 'file';
  readonly resolution = 'raw';
  readonly flushMs = 1_000;
  readonly backfill = true;
  readonly routes: readonly Route[];
  readonly #keyFile: string;
  #keyTime: number | null = null;
  #changed = false;

  constructor(options: { file: string; keyFile: string }) {
    this.#keyFile = options.keyFile;
    this.routes = [samples(options.file), readings(`${options.file}.late`)];
  }

  /** Looks at the key file; to be called before `credentialsChanged` can tell. */
  async look(): Promise<void> {
    const { mtimeMs } = await stat(this.#keyFile);
    this.#changed ||= this.#keyTime !== null && this.#keyTime !== mtimeMs;
    this.#keyTime = mtimeMs;
  }

  credentialsChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function samples(file: string): SampleRoute {
  return {
    name: 'samples',
    takes: 'samples',
    behindMs: WEEK_MS,
    aheadMs: 0,
    maxItems: 100,
    maxBytes: 100_000,
    separator: '\n',
    encode: (sample: Sample) => (quantityDefinition(sample.quantity) === undefined ? null : JSON.stringify(sample)),
    send: (items, options) => append(file, [...items], options),
  };
}

function readings(file: string): ReadingRoute {
  return {
    name: 'readings',
    takes: 'readings',
    behindMs: 2 * WEEK_MS,
    aheadMs: 0,
    maxItems: 100,
    maxBytes: 100_000,
    separator: '\n',
    encode: ({ id, at, origin, values }: LateReading) =>
      values.size === 0 ? null : JSON.stringify({ id, at, device: origin.device, values: [...values] }),
    send: (items, options) => append(file, [...items], options),
  };
}

function isRefused(item: string): boolean {
  return item.includes('"device":"refused"');
}

async function append(file: string, items: readonly string[], { signal, health }: SendOptions): Promise<Outcome> {
  if (signal.aborted) return { kind: 'retry', cause: 'unreachable', message: 'stopping', bytesSent: 0 };
  const kept = [...items.filter((item) => !isRefused(item)), ...(health ?? []).map((sample) => JSON.stringify(sample))];
  const text = kept.map((item) => `${item}\n`).join('');
  try {
    await stat(dirname(file));
    await appendFile(file, text);
  } catch (error) {
    return { kind: 'retry', cause: 'unreachable', message: String(error), bytesSent: 0 };
  }
  const refused = items.flatMap((item, index) => (isRefused(item) ? [{ index, message: 'refused' }] : []));
  const bytesSent = Buffer.byteLength(text);
  return refused.length === 0 ? { kind: 'accepted', bytesSent } : { kind: 'partial', bytesSent, refused, unlisted: 0 };
}
