import type { GrammarRules } from '../rules.ts';
import { metricKey } from './metric-key.ts';
import { Refusal, UNEXPECTED_END } from './refusal.ts';

/** A `#key gauge dt.meta.…` line. */
export interface Metadata {
  readonly key: string;
  readonly type: 'gauge' | 'count';
  readonly displayName?: string;
  readonly description?: string;
  readonly unit?: string;
  /** What was left out, and why. */
  readonly warning: string | null;
}

const LIMITS = { displayName: 300, description: 65_535, unit: 63 } as const;
const UNIT = /^[a-zA-Z0-9%[\]{}/_]+$/;
const LINE = /^#([^,\s]*) (gauge|count) (.+)$/u;
/** The protocol page's own example spells `displayname`. */
const PROPERTY = /dt\.meta\.(displayName|displayname|description|unit)=("(?:[^"\\]|\\["\\n])*"|[^,= "\\]+)(, ?|$)/y;

/** A whole metadata line, from its `#`. */
export function metadata(line: string, rules: GrammarRules): Metadata | Refusal {
  const parts = LINE.exec(line);
  if (parts === null) return /^#\S* ?\w*$/.test(line) ? UNEXPECTED_END : new Refusal('invalid metadata line');
  const [, keyText = '', type, properties = ''] = parts;
  const key = metricKey(keyText, rules);
  if (key instanceof Refusal) return key;
  const found: { displayName?: string; description?: string; unit?: string } = {};
  let warning: string | null = null;
  for (let at = 0; at < properties.length;) {
    PROPERTY.lastIndex = at;
    const property = PROPERTY.exec(properties);
    if (property === null) return new Refusal(`invalid metadata property in message '${properties.slice(at)}'`);
    const name = property[1] === 'displayname' ? 'displayName' : (property[1] as keyof typeof LIMITS);
    const text = plain(property[2] ?? '');
    if (text.length > LIMITS[name]) warning = `${name} length exceeded: ${text.length} > ${LIMITS[name]}`;
    else if (name === 'unit' && !UNIT.test(text)) warning = `invalid unit '${text}'`;
    else found[name] ??= text;
    at += property[0].length;
    if (at === properties.length && property[3] !== '') return UNEXPECTED_END;
  }
  return { key, type: type === 'count' ? 'count' : 'gauge', ...found, warning };
}

function plain(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
}
