import type { ItemTexts } from '../../model/item-texts.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { LateReading } from '../../model/sample.ts';
import { HOUR, MINUTE } from '../../model/time.ts';
import type { ReadingRoute, SendOptions } from '../sink.ts';
import { encodeEvent, type EventOptions } from './bizevents.ts';
import type { Channel } from './channel.ts';

export const BIZEVENTS_PATH = '/api/v2/bizevents/ingest';

const OPENS = Buffer.from('[');
const CLOSES = Buffer.from(']');

/**
 * Business events, for readings too old for metrics: the server takes 24 hours back and bodies of 5 MB. Such a body would need
 * minutes on a slow line; the limits here let it arrive within the time that a request has.
 */
export class LateRoute implements ReadingRoute {
  readonly name = 'late';
  readonly takes = 'readings';
  readonly behindMs = 23 * HOUR;
  readonly aheadMs = 9 * MINUTE;
  readonly maxItems = 1_000;
  readonly maxBytes = 950_000;
  readonly separator = ',';
  readonly #channel: Channel;
  readonly #options: EventOptions;

  constructor(channel: Channel, options: EventOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  encode(reading: LateReading): string | null {
    return encodeEvent(reading, this.#options);
  }

  compress(items: ItemTexts): Promise<Buffer> | null {
    return this.#channel.compress(framed(items));
  }

  /** The gateway's health is no reading and has no place here. */
  async send(items: ItemTexts, options: SendOptions): Promise<Outcome> {
    const body = { bytes: framed(items), compressed: options.compressed, items, lines: items.length };
    return await this.#channel.send(body, options.signal, options.identity ?? false);
  }
}

function framed({ bytes }: ItemTexts): Buffer {
  return Buffer.concat([OPENS, bytes, CLOSES]);
}
