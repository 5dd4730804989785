import type { ItemTexts } from '../../model/item-texts.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Sample } from '../../model/sample.ts';
import { MINUTE } from '../../model/time.ts';
import type { SampleRoute, SendOptions } from '../sink.ts';
import type { Channel } from './channel.ts';
import type { LineEncoder } from './line.ts';
import { Metadata } from './metadata.ts';
import { readValidationResponse } from './validation-response.ts';
import type { Dialect } from './verdict.ts';

export const METRICS_PATH = '/api/v2/metrics/ingest';

export const metricsDialect: Dialect = {
  scope: 'metrics.ingest',
  read: (_status, body, sent) => readValidationResponse(body, sent),
};

/**
 * Metric lines. The server takes one hour back and ten minutes ahead, 1 MB and, in some places, 1,000 lines; the limits here
 * leave room for what passes between the decision and the arrival.
 */
export class MetricsRoute implements SampleRoute {
  readonly name = 'metrics';
  readonly takes = 'samples';
  readonly behindMs = 55 * MINUTE;
  readonly aheadMs = 9 * MINUTE;
  readonly maxItems = 1_000;
  readonly maxBytes = 950_000;
  readonly separator = '\n';
  readonly #channel: Channel;
  readonly #lines: LineEncoder;
  readonly #metadata = new Metadata();

  constructor(channel: Channel, lines: LineEncoder) {
    this.#channel = channel;
    this.#lines = lines;
  }

  encode(sample: Sample): string | null {
    this.#metadata.rendered(sample.quantity);
    return this.#lines.sample(sample);
  }

  compress(items: ItemTexts): Promise<Buffer> | null {
    return this.#channel.compress(items.bytes);
  }

  async send(items: ItemTexts, options: SendOptions): Promise<Outcome> {
    const health = (options.health ?? []).map((sample) => this.#lines.health(sample)).filter((line) => line !== null);
    const metadata = items.length === 0 ? [] : this.#metadata.due;
    // Behind the items, so that the server's line numbers count the items first.
    const extra = this.#fitting(items, [...health, ...metadata]);
    const compressed = extra.length === 0 ? options.compressed : undefined;
    const body = { bytes: together(items, extra), compressed, items, lines: items.length + extra.length };
    const outcome = await this.#channel.send(body, options.signal, options.identity ?? false);
    if (outcome.kind === 'accepted' || outcome.kind === 'partial')
      this.#metadata.sent(metadata.filter((line) => extra.includes(line)));
    return outcome;
  }

  #fitting(items: ItemTexts, extra: readonly string[]): readonly string[] {
    if (extra.length === 0 || items.length >= this.maxItems) return [];
    let lines = items.length;
    let bytes = items.byteLength;
    return extra.filter((line) => {
      const size = Buffer.byteLength(line) + 1;
      if (lines + 1 > this.maxItems || bytes + size > this.maxBytes) return false;
      lines++;
      bytes += size;
      return true;
    });
  }
}

function together(items: ItemTexts, extra: readonly string[]): Buffer {
  if (extra.length === 0) return items.bytes;
  const text = Buffer.from(extra.join('\n'));
  return items.length === 0 ? text : Buffer.concat([items.bytes, LINE_FEED, text]);
}

const LINE_FEED = Buffer.from('\n');
