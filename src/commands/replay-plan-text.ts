import type { ReplayPlan } from '../queue/inspector.ts';
import { grouped, localTime } from '../report/human.ts';
import type { Palette } from '../report/palette.ts';
import { table } from '../report/table.ts';

/** What a replay will send, for a person; the range is the resolved one. */
export function replayPlanText(
  plan: ReplayPlan,
  layout: { readonly palette: Palette; readonly width: number },
): string {
  const rows = plan.sinks.map((s) => [
    s.sink,
    ...[s.total, s.asMetrics, s.late, s.tooOld, s.skippedPending].map(grouped),
  ]);
  const numbers = ['total', 'as metrics', 'late', 'too old', 'skipped (pending)'];
  const lines = table(
    [{ title: 'sink', align: 'left' }, ...numbers.map((title) => ({ title, align: 'right' as const }))],
    rows,
    { indent: 2, width: layout.width, heading: layout.palette.dim },
  );
  const iso = `${new Date(plan.from).toISOString()} to ${new Date(plan.to).toISOString()}`;
  const doubled = plan.sinks.some((s) => s.asMetrics > 0)
    ? ['Minimum, maximum and average of these minutes stay as they are; sum and count double.']
    : [];
  return `${[
    `${layout.palette.bold('Replay of')} ${localTime(plan.from)} up to ${localTime(plan.to)} (${iso}), in values:`,
    ...lines,
    ...doubled,
  ].join('\n')}\n`;
}
