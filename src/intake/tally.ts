import type { EpochMs } from '../model/time.ts';
import type { Refusal, SourceCounts } from '../queue/queue.ts';
import { maskSecrets } from '../platform/secret.ts';
import { plainText } from './plain-text.ts';

const LONGEST_TOPIC = 250;
const LONGEST_REASON = 200;

/** What one commit counts for one source besides its readings. */
export class Tally {
  #refused = 0;
  #ignored = 0;
  #refusedFields = 0;
  #merged = 0;
  #lastRefusal: Refusal | null = null;

  refuse(at: EpochMs, topic: string, reason: string, messages = 1): void {
    this.#refused += messages;
    this.#lastRefusal = { at, topic, reason };
  }

  ignore(): void {
    this.#ignored++;
  }

  merge(): void {
    this.#merged++;
  }

  refuseFields(count: number): void {
    this.#refusedFields += count;
  }

  /** The counts; the text of the last refusal, which comes from outside, is cut to a line without secrets. */
  counts(source: string): SourceCounts {
    const last = this.#lastRefusal;
    return {
      source,
      refused: this.#refused,
      ignored: this.#ignored,
      refusedFields: this.#refusedFields,
      ...(this.#merged === 0 ? {} : { merged: this.#merged }),
      lastRefusal: last && {
        at: last.at,
        topic: plainText(maskSecrets(last.topic), LONGEST_TOPIC),
        reason: plainText(maskSecrets(last.reason), LONGEST_REASON),
      },
    };
  }
}
