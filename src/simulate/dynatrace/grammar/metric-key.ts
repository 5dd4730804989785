import type { GrammarRules } from '../rules.ts';
import { Refusal, UNEXPECTED_END } from './refusal.ts';

const KEY = /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*$/;
const KEY_WITH_DIGIT_SECTIONS = /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/;
const MIN_LENGTH = 3;

/** The key, or why it is none. Keys under `dt.` are Dynatrace's own. */
export function metricKey(text: string, rules: GrammarRules): string | Refusal {
  if (text === '') return UNEXPECTED_END;
  const pattern = rules.digitSections === 'valid' ? KEY_WITH_DIGIT_SECTIONS : KEY;
  const fits = text.length >= MIN_LENGTH && text.length <= rules.keyLimit;
  if (!fits || !pattern.test(text) || text.startsWith('dt.')) return new Refusal('invalid metric key');
  return text;
}
