/**
 * Secrets: tokens and passwords, given as a value or as a file that may change while the gateway runs. A secret prints as
 * `***` however it is printed, and every value ever revealed is known to `maskSecrets`, which each text for a person, the log
 * or the database passes through.
 */
import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';
import { EXIT, GatewayError } from '../model/error.ts';

const MASK = '***';
/** Without blanks. Shorter values would mask half of every text and protect nothing. */
const SHORTEST_MASKED = 4;
const known = new Set<string>();
let longestFirst: readonly string[] = [];

export type SecretSource = { readonly value: string } | { readonly file: string };

export class Secret {
  readonly #source: SecretSource;
  #seen: string | null = null;
  #changed = false;

  constructor(source: SecretSource) {
    this.#source = source;
    if ('value' in source) remember(source.value);
  }

  /** Where the secret comes from, in words that may be shown. */
  get origin(): string {
    return 'file' in this.#source ? this.#source.file : 'the configuration';
  }

  /**
   * The secret in the clear, a file's without one trailing line end. Read anew at each call, so that a replaced file works at
   * once. Throws a GatewayError when the file cannot be read.
   */
  reveal(): string {
    if ('value' in this.#source) return this.#source.value;
    const state = this.#look(this.#source.file);
    if (state instanceof Error)
      throw new GatewayError(`The secret file ${this.#source.file} cannot be read: ${codeOf(state)}`, {
        hint: 'Create the file, readable for the user the gateway runs as, with the secret as its only line.',
        exitCode: EXIT.configuration,
        cause: state,
      });
    return state;
  }

  /** True once after the file's content, modification time or readability changed; never for a value. */
  changed(): boolean {
    if ('file' in this.#source) this.#look(this.#source.file);
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }

  #look(file: string): string | Error {
    const { print, content } = look(file);
    if (this.#seen !== null && this.#seen !== print) this.#changed = true;
    this.#seen = print;
    if (typeof content === 'string') remember(content);
    return content;
  }
}

/** The text without any known secret (also as it stands in JSON, URLs and HTML), Dynatrace token or user info of a URL. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const secret of longestFirst) masked = masked.replaceAll(secret, MASK);
  return masked
    .replaceAll(/dt0[cs]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}/g, MASK)
    .replaceAll(/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{1,500}@/gi, `$1${MASK}@`);
}

/** A copy of data as it would stand in JSON, with each text in it masked. Its shape and its numbers stay what they are. */
export function maskTexts(value: unknown): unknown {
  if (typeof value === 'string') return maskSecrets(value);
  if (Array.isArray(value)) return value.map(maskTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [maskSecrets(key), maskTexts(inner)]));
}

function look(file: string): { print: string; content: string | Error } {
  try {
    const { mtimeMs, ino } = statSync(file);
    const content = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    return { print: `${mtimeMs} ${ino} ${content}`, content };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    return { print: `unreadable ${codeOf(failure)}`, content: failure };
  }
}

function remember(secret: string): void {
  // Blanks at the ends are left out by servers and people who repeat it.
  const bare = secret.trim();
  if (bare.length < SHORTEST_MASKED || known.has(bare)) return;
  for (const form of formsOf(bare)) known.add(form);
  longestFirst = [...known].sort((a, b) => b.length - a.length);
}

function formsOf(text: string): string[] {
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.toWellFormed()), asHtml(text)];
}

function asHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
