import type { EpochMs } from '../model/time.ts';
import type { Inspector } from '../queue/inspector.ts';
import type { QueueReport } from '../queue/queue.ts';
import { clockState } from '../report/state-documents.ts';

export interface BelievedReport {
  readonly daemonRunning: boolean;
  readonly report: QueueReport | null;
  /** The wall clock, corrected as the running daemon corrects it. */
  readonly now: EpochMs;
}

/** The queue's report at the time the gateway believes, which may not be what this machine's wall clock says. */
export function believedReport(inspector: Inspector, wallMs: EpochMs): BelievedReport {
  const daemonRunning = inspector.daemonRunning();
  const report = inspector.report(wallMs);
  const offsetMs = daemonRunning ? (clockState(report?.state ?? {})?.offsetMs ?? 0) : 0;
  if (offsetMs === 0) return { daemonRunning, report, now: wallMs };
  return { daemonRunning, report: inspector.report(wallMs + offsetMs), now: wallMs + offsetMs };
}
