import type { GrammarRules } from '../rules.ts';
import { metricKey } from './metric-key.ts';
import { Refusal, UNEXPECTED_END } from './refusal.ts';

/** What a line says before its value: the series. */
export interface Head {
  readonly key: string;
  /** Sorted by name, without the empty ones. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** The same for every spelling of the series. */
  readonly series: string;
}

const MAX_DIMENSIONS = 50;
const MAX_DIMENSION_KEY = 100;
const KEY_END = /[,\s]|$/g;
const DIMENSION_KEY = /[a-z_][a-z0-9_:.-]*/y;
const QUOTED = /"(?:[^"\\\p{Cc}]|\\["\\])*"/uy;
const UNQUOTED = /(?:[^,= "\\\p{Cc}]|\\[,= "\\])*/uy;
const ESCAPE = /\\(.)/gu;

/** The head of a data line and the position after it, which is that of a space. */
export function head(line: string, rules: GrammarRules): { readonly head: Head; readonly end: number } | Refusal {
  let at = keyEnd(line);
  const key = metricKey(line.slice(0, at), rules);
  if (key instanceof Refusal) return key;
  const dimensions = new Map<string, string>();
  let written = 0;
  while (line[at] === ',') {
    const name = match(DIMENSION_KEY, line, at + 1);
    if (name === null || name.length > MAX_DIMENSION_KEY) return badDimensionKey(line, at + 1);
    at += 1 + name.length;
    if (at === line.length) return UNEXPECTED_END;
    if (line[at] !== '=') return badDimensionKey(line, at);
    const raw = match(line[at + 1] === '"' ? QUOTED : UNQUOTED, line, at + 1);
    if (raw === null) return UNEXPECTED_END;
    at += 1 + raw.length;
    const value = unescape(raw);
    if (value.length > rules.dimensionValueLimit) {
      return new Refusal(`dimension value length exceeded: ${value.length} > ${rules.dimensionValueLimit}`);
    }
    if (++written > MAX_DIMENSIONS) return new Refusal(`dimension count exceeded: ${written} > ${MAX_DIMENSIONS}`);
    if (rules.duplicateDimensions === 'last' || !dimensions.has(name)) dimensions.set(name, value);
  }
  if (at === line.length) return UNEXPECTED_END;
  if (line[at] !== ' ') return new Refusal(`invalid dimension value in message '${line.slice(0, at + 1)}'`);
  return { head: seriesOf(key, dimensions), end: at };
}

function keyEnd(line: string): number {
  KEY_END.lastIndex = 0;
  return KEY_END.exec(line)?.index ?? line.length;
}

function seriesOf(key: string, dimensions: ReadonlyMap<string, string>): Head {
  const sorted = [...dimensions].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return { key, dimensions: Object.fromEntries(sorted), series: JSON.stringify([key, sorted]) };
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function unescape(raw: string): string {
  const inner = raw.startsWith('"') ? raw.slice(1, -1) : raw;
  return inner.includes('\\') ? inner.replaceAll(ESCAPE, '$1') : inner;
}

function badDimensionKey(line: string, at: number): Refusal {
  if (at >= line.length) return UNEXPECTED_END;
  const upTo = line.slice(0, at + 1);
  return new Refusal(`invalid dimension key in message '${upTo}'; error at '${line[at] ?? ''}'  (index ${at})`);
}
