import { MINUTE } from '../../model/time.ts';
import type { ReplayPlan } from '../inspector.ts';
import type { ReplayReport } from '../queue.ts';
import { replayReport } from '../tables/replays.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';

/** Writes a plan down for the daemon, within the caller's transaction. Sinks for which nothing is to be sent get none. */
export function queueReplay(
  { replays }: Tables,
  plan: ReplayPlan,
  sinks: readonly StoredSink[],
  device: string | null,
): ReplayReport[] {
  const reports: ReplayReport[] = [];
  for (const { sink: name, total, asMetrics, late, tooOld } of plan.sinks) {
    const sink = sinks.find((s) => s.name === name);
    if (sink === undefined || total === 0) continue;
    const id = replays.insert({
      sink: sink.id,
      fromAt: plan.from,
      toAt: plan.to,
      device,
      total,
      asMetrics,
      late,
      tooOld,
      cursorMinute: Math.ceil(plan.to / MINUTE) - 1,
      state: 'queued',
    });
    const stored = replays.get(id);
    if (stored !== null) reports.push(replayReport(stored, name));
  }
  replays.forgetOld();
  return reports;
}
