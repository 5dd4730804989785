import type { RefusedItem } from '../../model/outcome.ts';
import { asCount, isRecord, parseJson } from './json.ts';
import { serverText } from './server-text.ts';
import type { Sent, Verdict } from './verdict.ts';

/**
 * Reads the metrics API's ValidationResponse (`linesOk`, or `linesValid` from a OneAgent). Line numbers count from 1; the list
 * may stop at ten although more lines are counted. Lines behind the items (metadata, health) are nobody's refusals.
 */
export function readValidationResponse(body: string, sent: Sent): Verdict | null {
  const json = parseJson(body);
  if (!isRecord(json)) return null;
  const ok = asCount(json['linesOk']) ?? asCount(json['linesValid']);
  if (ok === undefined) return null;
  const invalid = asCount(json['linesInvalid']) ?? 0;
  const error = isRecord(json['error']) ? json['error'] : {};
  const listed = listedLines(error['invalidLines'], sent.lines);
  const refused = listed.filter((item) => item.index < sent.items.length);
  const rest = sent.items.length - refused.length;
  // Lines the answer does not account for at all are as unknown as those it counts without naming them.
  const unaccounted = invalid > 0 ? Math.max(0, sent.items.length - ok - invalid) : 0;
  const unlisted = Math.min(rest, Math.max(0, invalid - listed.length) + unaccounted);
  if (unlisted === 1 && rest === 1 && sent.lines === sent.items.length) {
    const listedIndices = new Set(refused.map((item) => item.index));
    const index = Array.from(sent.items).findIndex((_, i) => !listedIndices.has(i));
    const message = typeof error['message'] === 'string' ? serverText(error['message']) : 'refused without a reason';
    return { stored: ok, counted: ok + invalid, refused: [...refused, { index, message }], unlisted: 0 };
  }
  return { stored: ok, counted: ok + invalid, refused, unlisted };
}

function listedLines(list: unknown, lines: number): RefusedItem[] {
  const byIndex = new Map<number, RefusedItem>();
  for (const entry of Array.isArray(list) ? list : []) {
    const line = isRecord(entry) ? asCount(entry['line']) : undefined;
    if (!isRecord(entry) || line === undefined || line < 1 || line > lines) continue;
    const message = typeof entry['error'] === 'string' ? serverText(entry['error']) : 'refused without a reason';
    byIndex.set(line - 1, { index: line - 1, message });
  }
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}
