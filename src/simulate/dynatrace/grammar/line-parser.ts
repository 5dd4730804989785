/**
 * The line protocol, parsed as strictly as the documentation and the replies seen in practice allow. Written from the
 * protocol alone: it shares nothing with the gateway's own rendering, so that a mistake there is not repeated here.
 *
 * Heads are remembered by their text, because a client sends the same few series again and again. That is sound: a head
 * that was found to end at its first space ends there in every line that begins with it.
 */
import type { GrammarRules } from '../rules.ts';
import { head, type Head } from './head.ts';
import { metadata, type Metadata } from './metadata.ts';
import { Refusal, UNEXPECTED_END } from './refusal.ts';
import { value, type Value } from './value.ts';

export type Line = Point | { readonly kind: 'metadata'; readonly metadata: Metadata };

export interface Point {
  readonly kind: 'point';
  readonly head: Head;
  readonly value: Value;
}

const MAX_LINE = 50_000;
const MAX_REMEMBERED = 100_000;

export class LineParser {
  readonly #rules: GrammarRules;
  readonly #heads = new Map<string, Head>();

  constructor(rules: GrammarRules) {
    this.#rules = rules;
  }

  /** One line without its line feed. */
  parse(line: string): Line | Refusal {
    if (line === '') return UNEXPECTED_END;
    if (line.length > MAX_LINE) return new Refusal(`line length exceeded: ${line.length} > ${MAX_LINE}`);
    if (line.startsWith('#')) {
      const found = metadata(line, this.#rules);
      return found instanceof Refusal ? found : { kind: 'metadata', metadata: found };
    }
    const space = line.indexOf(' ');
    const known = space < 0 ? undefined : this.#heads.get(line.slice(0, space));
    if (known !== undefined) return this.#point(known, line, space);
    const found = head(ownMemory(line), this.#rules);
    if (found instanceof Refusal) return found;
    if (found.end === space) this.#remember(ownMemory(line.slice(0, space)), found.head);
    return this.#point(found.head, line, found.end);
  }

  #point(seriesHead: Head, line: string, end: number): Point | Refusal {
    const found = value(line.slice(end + 1), this.#rules);
    return found instanceof Refusal ? found : { kind: 'point', head: seriesHead, value: found };
  }

  #remember(text: string, seriesHead: Head): void {
    if (this.#heads.size >= MAX_REMEMBERED) this.#heads.clear();
    this.#heads.set(text, seriesHead);
  }
}

/** A part of a string keeps the whole of it alive, here a request body of a megabyte. */
function ownMemory(text: string): string {
  return Buffer.from(text).toString();
}
