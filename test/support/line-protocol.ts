/** A metric line as the server reads it; throws for whatever the protocol does not allow. */
export interface DecodedLine {
  readonly key: string;
  readonly dimensions: ReadonlyMap<string, string>;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
  /** Null for a line without a time. */
  readonly at: number | null;
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const KEY = /[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*/y;
const DIMENSION = /,([a-z_][a-z0-9_:.-]*)="((?:[^"\\\p{Cc}\u2028\u2029]|\\["\\])*)"/uy;
const PAYLOAD = new RegExp(
  `^ gauge,(?:(${NUMBER})|min=(${NUMBER}),max=(${NUMBER}),sum=(${NUMBER}),count=(\\d+))(?: (\\d+))?$`,
);

export function decode(line: string): DecodedLine {
  if (line.length > 50_000) throw new Error('line too long');
  KEY.lastIndex = 0;
  const key = KEY.exec(line)?.[0] ?? '';
  if (key.length < 3 || key.length > 250) throw new Error(`bad key in ${line}`);
  const dimensions = new Map<string, string>();
  let at = key.length;
  for (;;) {
    DIMENSION.lastIndex = at;
    const [text, name, value] = DIMENSION.exec(line) ?? [];
    if (text === undefined || name === undefined || value === undefined) break;
    if (name.length > 100 || value.length > 248 || dimensions.has(name)) throw new Error(`bad dimension in ${line}`);
    dimensions.set(name, value.replaceAll(/\\(["\\])/g, '$1'));
    at += text.length;
  }
  if (dimensions.size > 50) throw new Error('too many dimensions');
  const [, single, min, max, sum, count, time] = PAYLOAD.exec(line.slice(at)) ?? [];
  if (single === undefined && min === undefined) throw new Error(`bad payload in ${line}`);
  const [low, high, total, n] = [min ?? single, max ?? single, sum ?? single, count ?? 1].map(Number);
  if (low === undefined || high === undefined || total === undefined || n === undefined) throw new Error('unreachable');
  return { key, dimensions, min: low, max: high, sum: total, count: n, at: time === undefined ? null : Number(time) };
}
