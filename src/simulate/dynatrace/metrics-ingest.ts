import { type EpochMs, HOUR, MINUTE } from '../../model/time.ts';
import type { RefuseLinesFault } from './fault.ts';
import type { LineParser, Point } from './grammar/line-parser.ts';
import { Refusal } from './grammar/refusal.ts';
import type { InvalidLine, LineWarning, Validation } from './reply.ts';
import type { Rules } from './rules.ts';
import type { SeriesStore } from './series-store.ts';

export interface MetricsIngest {
  readonly rules: Rules;
  readonly parser: LineParser;
  /** The server's clock. */
  readonly now: EpochMs;
  readonly refusing: readonly RefuseLinesFault[];
  /** Null: lines are checked and counted only. */
  readonly store: SeriesStore | null;
}

export interface MetricsReport extends Validation {
  /** Which of `refusing` refused a line. */
  readonly refusedBy: ReadonlySet<RefuseLinesFault>;
  /** Metric keys of points that are counted as OK and not stored, with their number. */
  readonly dropped: ReadonlyMap<string, number>;
}

export const METRIC_WINDOW = { behindMs: HOUR, aheadMs: 10 * MINUTE } as const;

/** Checks every line of a body and stores the good ones, whatever the others are. */
export function ingestMetrics(lines: readonly string[], how: MetricsIngest): MetricsReport {
  const { rules, parser, now, store } = how;
  const invalidLines: InvalidLine[] = [];
  const warnings: LineWarning[] = [];
  const refusedBy = new Set<RefuseLinesFault>();
  const dropped = new Map<string, number>();
  let linesOk = 0;
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    if (text === '' && rules.blankLines === 'ignored') continue;
    const parsed = parser.parse(text);
    if (parsed instanceof Refusal) {
      invalidLines.push({ line, error: parsed.text });
      continue;
    }
    if (parsed.kind === 'metadata') {
      store?.describe(parsed.metadata);
      if (parsed.metadata.warning !== null) warnings.push({ line, warning: parsed.metadata.warning });
      if (rules.metadataCounted) linesOk += 1;
      continue;
    }
    const fault = how.refusing.find((f) => refuses(f, parsed, text, line));
    if (fault !== undefined) {
      refusedBy.add(fault);
      invalidLines.push({ line, error: fault.text ?? 'refused by the stand-in' });
      continue;
    }
    const at = parsed.value.at ?? now;
    if (at > now - METRIC_WINDOW.behindMs && at < now + METRIC_WINDOW.aheadMs) {
      store?.add(parsed, at);
      linesOk += 1;
    } else if (rules.timestamps === 'drop') {
      dropped.set(parsed.head.key, (dropped.get(parsed.head.key) ?? 0) + 1);
      linesOk += 1;
    } else {
      invalidLines.push({ line, error: `timestamp out of range: ${at}, server time: ${now}` });
    }
  }
  return { linesOk, linesInvalid: invalidLines.length, invalidLines, warnings, refusedBy, dropped };
}

function refuses(fault: RefuseLinesFault, point: Point, text: string, line: number): boolean {
  if (fault.every !== undefined && line % fault.every !== 0) return false;
  if (fault.key !== undefined && fault.key !== point.head.key) return false;
  if (fault.device !== undefined && fault.device !== point.head.dimensions['device']) return false;
  return fault.matches === undefined || fault.matches(text, line);
}
