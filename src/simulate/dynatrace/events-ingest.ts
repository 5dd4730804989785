import { DAY, type EpochMs, MINUTE } from '../../model/time.ts';
import type { EventStore } from './event-store.ts';
import type { RefuseLinesFault, RouteName } from './fault.ts';
import { empty, envelope, json, type Reply } from './reply.ts';

export interface EventsIngest {
  readonly now: EpochMs;
  /** CloudEvents have four fields they must carry. */
  readonly contentType: string;
  readonly refusing: readonly RefuseLinesFault[];
  readonly store: EventStore | null;
}

export interface EventsReport {
  readonly reply: Reply;
  readonly accepted: number;
  readonly invalid: number;
  /** Older than a day: accepted and dropped unseen. */
  readonly dropped: number;
  readonly refusedBy: ReadonlySet<RefuseLinesFault>;
}

type Fields = Readonly<Record<string, unknown>>;

const WINDOW = { behindMs: DAY, aheadMs: 10 * MINUTE } as const;
const CLOUD_EVENT_FIELDS = ['specversion', 'id', 'source', 'type'];

/** Takes one event or an array of them; stores the good ones, whatever the others are. */
export function ingestEvents(text: string, how: EventsIngest): EventsReport {
  const refusedBy = new Set<RefuseLinesFault>();
  const items = parse(text);
  if (items === null) {
    return { reply: envelope(400, 'The body is not valid JSON'), accepted: 0, invalid: 0, dropped: 0, refusedBy };
  }
  const errors: { id: string | null; index: number; message: string; source: string | null }[] = [];
  let accepted = 0;
  let dropped = 0;
  for (const [index, item] of items.entries()) {
    const fields = isFields(item) ? item : {};
    const fault = how.refusing.find((f) => refuses(f, fields, index + 1));
    if (fault !== undefined) refusedBy.add(fault);
    const message = isFields(item)
      ? (missing(fields, how.contentType) ?? (fault && (fault.text ?? 'refused by the stand-in')))
      : 'not a JSON object';
    if (message !== undefined) {
      errors.push({ id: textOrNull(fields['id']), index, message, source: textOrNull(fields['source']) });
      continue;
    }
    accepted += 1;
    const own = timestamp(fields['timestamp']) ?? how.now;
    if (own < how.now - WINDOW.behindMs) dropped += 1;
    else
      how.store?.add({ timestamp: Math.min(own, how.now + WINDOW.aheadMs), receivedAt: how.now, fields: flat(fields) });
  }
  return {
    reply: errors.length > 0 ? json(400, { errors }) : empty(202),
    accepted,
    invalid: errors.length,
    dropped,
    refusedBy,
  };
}

function parse(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function missing(fields: Fields, contentType: string): string | undefined {
  if (!contentType.includes('cloudevent')) return undefined;
  const absent = CLOUD_EVENT_FIELDS.filter((name) => typeof fields[name] !== 'string');
  return absent.length > 0 ? `missing required attribute: ${absent.join(', ')}` : undefined;
}

/** Numbers are seconds, milliseconds or microseconds by their size; what cannot be read counts as absent. */
function timestamp(value: unknown): EpochMs | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') {
    if (number <= 1e11) return number * 1000;
    if (number <= 1e14) return number;
    return number <= 9.999e15 ? number / 1000 : null;
  }
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : parsed;
}

function flat(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, v]) => [name, typeof v === 'object' && v !== null ? JSON.stringify(v) : v]),
  );
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function refuses(fault: RefuseLinesFault, fields: Fields, number: number): boolean {
  if (fault.every !== undefined && number % fault.every !== 0) return false;
  if (fault.key !== undefined && !(fault.key in fields)) return false;
  if (fault.device !== undefined && fault.device !== fields['device']) return false;
  return fault.matches === undefined || fault.matches(JSON.stringify(fields), number);
}

/** How many items a body holds, for the log: lines of metrics, or events. */
export function itemsIn(route: RouteName | null, text: string): number {
  if (text === '') return 0;
  return route === 'bizevents' ? (parse(text)?.length ?? 0) : text.split('\n').length;
}
