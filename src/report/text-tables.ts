import type { EpochMs } from '../model/time.ts';
import { answerText } from './answer-text.ts';
import { counted, duration, grouped, localTime } from './human.ts';
import type { Paint } from './palette.ts';
import type { Status } from './status.ts';
import { table, type Cell, type Column } from './table.ts';
import type { TextLayout } from './text-layout.ts';
import { wrap } from './wrap.ts';

type State = Status['sources'][number]['state'] | Status['sinks'][number]['state'];

/** Fewer columns than this cannot hold the widest tables. */
const NARROW = 100;

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

/** Every message has one fate; the row shows that they add up. */
export function intakeTable({ intake }: Status, layout: TextLayout): string[] {
  const columns = [...sumColumns('messages', ['used', 'duplicates', 'refused', 'ignored']), left('')];
  const row = sumCells(intake.messages, [intake.used, intake.duplicates, intake.refused, intake.ignored], layout);
  const fields =
    intake.refusedFields === 0 ? [] : [`  ${counted(intake.refusedFields, 'field')} of used messages refused`];
  return [...table(columns, [row], layoutOf(layout)), ...fields];
}

/** Every accepted value has one fate; a ledger that does not add up says so. One sink per row, or per column where it is narrow. */
export function ledgerTable({ sinks }: Status, layout: TextLayout): string[] {
  if (sinks.length === 0) return [];
  const titles = ['delivered', 'late', 'pending', 'expired', 'evicted', 'dead-lettered'];
  const rows = sinks.map(({ name, ledger: l }) => [
    name,
    ...sumCells(l.accepted, [l.delivered, l.late, l.pending, l.expired, l.evicted, l.deadLettered], layout),
  ]);
  if (layout.width >= NARROW) {
    return table([left('sink'), ...sumColumns('accepted', titles), left('')], rows, layoutOf(layout));
  }
  const names = ['accepted', ...titles.map((title, i) => `${i === 0 ? '=' : '+'} ${title}`), ''];
  const figures = rows.map((row) => row.slice(1).filter((cell) => cell !== '=' && cell !== '+'));
  const lines = names.map((name, i): Cell[] => [name, ...figures.map((of) => of[i] ?? '')]);
  return table([left(''), ...sinks.map((sink) => right(sink.name))], lines, layoutOf(layout)).filter((l) => l !== '  ');
}

export function sourceTable({ sources }: Status, layout: TextLayout): string[] {
  if (sources.length === 0) return [];
  const columns = [
    left('name'),
    left('type'),
    left('state'),
    left('last reading'),
    right('readings'),
    left('last refused message'),
  ];
  const rows = sources.map((s): Cell[] => [
    s.name,
    s.type,
    { text: s.state, paint: paintOf(s.state, layout) },
    ago(s.lastReadingAt, layout.now),
    grouped(s.readings),
    s.lastRefusal === null
      ? ''
      : `${ago(s.lastRefusal.at, layout.now)}: ${s.lastRefusal.reason} (${s.lastRefusal.topic})`,
  ]);
  return table(columns, rows, layoutOf(layout));
}

/** What devices say of themselves, one per line, with what is wrong with them. */
export function deviceLines({ sources }: Status, layout: TextLayout): string[] {
  const { palette, width } = layout;
  const lines = (text: string, paint: Paint): string[] => wrap(text, width - 2).map((line) => `  ${paint(line)}`);
  return sources.flatMap(({ devices }) =>
    devices.flatMap(({ name, state, faults, silence }) => {
      const then = silence === null ? '' : 'before that: ';
      return [
        ...(silence === null ? [] : lines(`${name}: ${silenceText(silence, layout.now)}`, palette.warn)),
        ...(state === null ? [] : lines(`${name}: ${then}${state}`, (text) => text)),
        ...faults.flatMap((fault) => lines(`${name}: ${then}fault: ${fault}`, palette.bad)),
      ];
    }),
  );
}

function silenceText({ since, reason }: { since: string | null; reason: string | null }, now: EpochMs): string {
  const length = since === null ? '' : ` for ${duration(now - Date.parse(since))}`;
  return `silent${length}${reason === null ? '' : `: ${reason}`}`;
}

/** One row per route; what belongs to the whole sink stands in the row of its first. */
export function routeTable({ sinks }: Status, layout: TextLayout): string[] {
  if (sinks.length === 0) return [];
  const columns = [
    left('name'),
    left('route'),
    left('state'),
    right('pending'),
    left('last success'),
    left('next attempt'),
    left('last error'),
  ];
  const rows = sinks.flatMap((sink) =>
    sink.routes.map((route, i): Cell[] => {
      const state = sink.state === 'removed' ? 'removed' : route.state;
      return [
        i === 0 ? sink.name : '',
        route.name,
        { text: state, paint: paintOf(state, layout) },
        grouped(route.pendingValues),
        i === 0 ? ago(sink.lastSuccessAt, layout.now) : '',
        i === 0 ? until(sink.nextAttemptAt, layout.now) : '',
        route.lastError === null ? '' : errorText(route.lastError, layout.now),
      ];
    }),
  );
  return table(columns, rows, layoutOf(layout));
}

export function replayTable({ replays }: Status, layout: TextLayout): string[] {
  if (replays.length === 0) return [];
  const detailed = layout.width >= NARROW;
  const details = detailed ? ['as metrics', 'late', 'too old'] : [];
  const columns = [
    right('id'),
    left('sink'),
    left('from'),
    left('to'),
    ...['total', ...details, 'done'].map(right),
    left('state'),
  ];
  const rows = replays.map((r): Cell[] => [
    String(r.id),
    r.sink,
    minute(r.from),
    minute(r.to),
    ...[r.total, ...(detailed ? [r.asMetrics, r.late, r.tooOld] : []), r.done].map(grouped),
    { text: r.state, paint: r.state === 'failed' ? layout.palette.bad : (text) => text },
  ]);
  return table(columns, rows, layoutOf(layout));
}

function minute(at: string): string {
  return localTime(Date.parse(at)).slice(0, 'YYYY-MM-DD HH:MM'.length);
}

function sumColumns(total: string, parts: readonly string[]): Column[] {
  return [right(total), ...parts.flatMap((part, i) => [left(i === 0 ? '=' : '+'), right(part)])];
}

function sumCells(total: number, parts: readonly number[], { palette }: TextLayout): Cell[] {
  const difference = total - parts.reduce((sum, n) => sum + n, 0);
  const cells: Cell[] = [grouped(total), ...parts.flatMap((n, i) => [i === 0 ? '=' : '+', grouped(n)])];
  return difference === 0 ? cells : [...cells, { text: `differs by ${grouped(difference)}`, paint: palette.bad }];
}

function paintOf(state: State, { palette }: TextLayout): Paint {
  const paints: Readonly<Record<State, Paint>> = {
    ok: palette.good,
    connected: palette.good,
    connecting: palette.warn,
    retrying: palette.warn,
    idle: palette.dim,
    removed: palette.dim,
    silent: palette.bad,
    failed: palette.bad,
    blocked: palette.bad,
  };
  return paints[state];
}

function errorText(error: { at: string; status: number | null; message: string }, now: EpochMs): string {
  return `${ago(error.at, now)}: ${answerText(error.status, error.message)}`;
}

function ago(at: string | null, now: EpochMs): string {
  return at === null ? 'never' : `${duration(now - Date.parse(at))} ago`;
}

function until(at: string | null, now: EpochMs): string {
  if (at === null) return '';
  const ms = Date.parse(at) - now;
  return ms < 1000 ? 'now' : `in ${duration(ms)}`;
}

function layoutOf({ palette, width }: TextLayout): { indent: number; width: number; heading: Paint } {
  return { indent: 2, width, heading: palette.dim };
}
