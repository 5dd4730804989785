/**
 * The language of the late route: business events, one JSON object per reading. The timestamp is the reading's own; the server
 * does not recognise repeated events, so `event.id` lets a query do it (`dedup event.id`).
 */
import { quantityDefinition } from '../../model/quantity.ts';
import type { Quantity } from '../../model/reading.ts';
import type { RefusedItem } from '../../model/outcome.ts';
import type { LateReading } from '../../model/sample.ts';
import { dimensionsOf } from './dimensions.ts';
import { asCount, isRecord, parseJson } from './json.ts';
import { serverText } from './server-text.ts';
import type { Dialect, Sent, Verdict } from './verdict.ts';

export interface EventOptions {
  readonly dimensions: Readonly<Record<string, string>>;
  /** Identity of the queue's file: reading ids are unique within it. */
  readonly databaseId: string;
}

/**
 * The event of a reading; null when it has no finite value. A quantity this program does not know goes under its own name and in
 * its stored unit: an event can have any field, and this is the last route there is.
 */
export function encodeEvent(reading: LateReading, options: EventOptions): string | null {
  const values = [...reading.values]
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => field(name, value));
  if (values.length === 0) return null;
  const { device } = reading.origin;
  return JSON.stringify({
    ...Object.fromEntries(dimensionsOf({ device }, options.dimensions)),
    ...Object.fromEntries(values),
    ...Object.fromEntries(dimensionsOf({ device }, {})),
    timestamp: new Date(reading.at).toISOString(),
    'event.id': `${options.databaseId}-${reading.id}`,
    'event.type': 'energy.gateway.reading',
    'event.provider': 'energy-gateway',
  });
}

function field(quantity: Quantity, value: number): readonly [name: string, value: number] {
  const definition = quantityDefinition(quantity);
  return definition === undefined ? [quantity, value] : [definition.metricKey, value / definition.divisor];
}

export const bizeventsDialect: Dialect = {
  scope: 'bizevents.ingest',
  read(status, body, sent) {
    // The documentation promises no body with a 202.
    const count = sent.items.length;
    return status === 202 ? { stored: count, counted: count, refused: [], unlisted: 0 } : readRefusals(body, sent);
  },
};

/**
 * A 400 names the refused events in `errors[{id, index, message, source}]`, indices from 0; the others were stored. An id that
 * is one of ours decides over the index.
 */
function readRefusals(body: string, sent: Sent): Verdict | null {
  const json = parseJson(body);
  if (!isRecord(json)) return null;
  const inner = isRecord(json['error']) ? json['error'] : {};
  const errors = json['errors'] ?? inner['errors'];
  if (!Array.isArray(errors) || errors.length === 0) return null;
  const ids = new Map(Array.from(sent.items, (item, index) => [eventId(item), index]));
  const refused = new Map<number, RefusedItem>();
  for (const error of errors) {
    if (!isRecord(error)) return null;
    const byId = typeof error['id'] === 'string' ? ids.get(error['id']) : undefined;
    const index = byId ?? asCount(error['index']);
    if (index === undefined || index >= sent.items.length) return null;
    const message = typeof error['message'] === 'string' ? serverText(error['message']) : 'refused without a reason';
    refused.set(index, { index, message });
  }
  const list = [...refused.values()].sort((a, b) => a.index - b.index);
  const count = sent.items.length;
  return { stored: count - list.length, counted: count, refused: list, unlisted: 0 };
}

function eventId(item: string): unknown {
  const event = parseJson(item);
  return isRecord(event) ? event['event.id'] : undefined;
}
