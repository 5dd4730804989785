/**
 * The status for a person: health first, then what is wrong and what to do, then the figures. Pure; colours come as a
 * palette, and the width of the terminal decides where lines break.
 */
import type { Health } from '../model/problem.ts';
import { PROBLEMS } from '../model/problem.ts';
import type { EpochMs } from '../model/time.ts';
import { bytes, counted, duration, localTime } from './human.ts';
import { deviceLines, intakeTable, ledgerTable, replayTable, routeTable, sourceTable } from './text-tables.ts';
import type { Paint } from './palette.ts';
import type { Status } from './status.ts';
import type { TextLayout } from './text-layout.ts';
import { wrap } from './wrap.ts';

/** The whole view, ending with a line break. */
export function statusText(status: Status, layout: TextLayout): string {
  const sections = [
    headline(status, layout),
    problems(status, layout),
    queue(status, layout),
    titled('Intake (messages)', intakeTable(status, layout), layout),
    titled('Sources', [...sourceTable(status, layout), ...deviceLines(status, layout)], layout),
    titled('Sinks', routeTable(status, layout), layout),
    titled('Ledger (values)', ledgerTable(status, layout), layout),
    titled('Replays (values)', replayTable(status, layout), layout),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline(status: Status, { palette, now }: TextLayout): string[] {
  const { daemon, clock } = status;
  const mark: Readonly<Record<Health, Paint>> = { ok: palette.good, degraded: palette.warn, failing: palette.bad };
  const running = daemon.startedAt === null ? 'running' : `running for ${age(daemon.startedAt, now)}`;
  const commit =
    daemon.lastCommitAt === null ? 'nothing stored yet' : `last commit ${age(daemon.lastCommitAt, now)} ago`;
  const offset =
    clock.state === 'corrected' ? ` by ${clock.offsetMs < 0 ? '-' : '+'}${duration(Math.abs(clock.offsetMs))}` : '';
  const state = daemon.running ? `${running} · ${commit} · clock ${clock.state}${offset}` : `not running · ${commit}`;
  return [
    `${palette.bold('energy gateway')} ${status.version} · ${mark[status.health](palette.bold(status.health))} · ${localTime(now)}`,
    palette.dim(state),
  ];
}

function problems(status: Status, { palette, width }: TextLayout): string[] {
  return status.problems.flatMap(({ code, message, hint }) => {
    const paint = PROBLEMS[code] === 'failing' ? palette.bad : palette.warn;
    const [first = '', ...rest] = wrap(`${code}  ${message}`, width - 3);
    const hints = wrap(hint, width - 6);
    return [
      `${paint('!')} ${paint(first.slice(0, code.length))}${first.slice(code.length).replace(/^ /, '  ')}`,
      ...rest.map((line) => `  ${line}`),
      ...hints.map((line, i) => palette.dim(`    ${i === 0 ? '→' : ' '} ${line}`)),
    ];
  });
}

function queue({ queue, sinks }: Status, { palette }: TextLayout): string[] {
  const oldest =
    queue.oldestPendingAgeSeconds === null ? '' : `, oldest ${duration(queue.oldestPendingAgeSeconds * 1000)}`;
  const expiring = sinks
    .filter((sink) => sink.expiringWithinMinutes[60] > 0)
    .map(({ name, expiringWithinMinutes: e }) => {
      const text = `${counted(e[60], 'value')} for ${name} within 60 min, ${counted(e[10], 'value')} within 10 min`;
      return `  expiring  ${palette.warn(text)}`;
    });
  const budget = queue.budgetBytes === 0 ? '' : ` of ${bytes(queue.budgetBytes)}`;
  return [
    `${palette.bold('Queue')}  ${queue.path}`,
    `  pending   ${counted(queue.pendingReadings, 'reading')}, ${counted(queue.pendingValues, 'value')}${oldest}`,
    ...expiring,
    `  stored    ${counted(queue.storedReadings, 'reading')}, ${bytes(queue.sizeBytes)}${budget}; ${bytes(queue.diskFreeBytes)} free on the disk`,
  ];
}

function titled(title: string, lines: readonly string[], { palette }: TextLayout): string[] {
  return lines.length === 0 ? [] : [palette.bold(title), ...lines];
}

function age(at: string, now: EpochMs): string {
  return duration(now - Date.parse(at));
}
