import { ColumnsBuilder, type ReadingColumns } from '../../src/model/reading-columns.ts';
import type { Quantity } from '../../src/model/reading.ts';
import type { EpochMs } from '../../src/model/time.ts';
import type { Append, SourceCounts } from '../../src/queue/queue.ts';

/** One reading as a test writes it down. */
export interface TestReading {
  readonly at: EpochMs;
  readonly values?: Readonly<Record<Quantity, number>>;
  readonly device?: string;
  readonly serial?: string | null;
  readonly source?: string;
  readonly deviceTime?: EpochMs;
  readonly receivedAt?: EpochMs;
  readonly mono?: number;
  readonly timeUnknown?: boolean;
  readonly onlyDeviceTime?: boolean;
  readonly derived?: boolean;
  /** Default: each reading came in a message of its own. */
  readonly message?: number;
}

/** An append of these readings, in order. */
export function appendOf(readings: readonly TestReading[], counts: readonly SourceCounts[] = []): Append {
  const columns = new ColumnsBuilder();
  for (const {
    at,
    device = 'meter',
    serial = null,
    source = 'mqtt',
    values = { 'power.active.import': 1 },
  } of readings) {
    columns.add({ device, serial, source }, at, Object.keys(values), Object.values(values));
  }
  return {
    readings: columns.take(),
    receivedAt: Float64Array.from(readings, ({ at, receivedAt }) => receivedAt ?? at),
    mono: Float64Array.from(readings, ({ mono }) => mono ?? 0),
    deviceTime: Float64Array.from(readings, ({ deviceTime }) => deviceTime ?? Number.NaN),
    timeUnknown: Uint8Array.from(readings, ({ timeUnknown }) => (timeUnknown === true ? 1 : 0)),
    onlyDeviceTime: Uint8Array.from(readings, ({ onlyDeviceTime }) => (onlyDeviceTime === true ? 1 : 0)),
    derived: Uint8Array.from(readings, ({ derived }) => (derived === true ? 1 : 0)),
    message: Uint32Array.from(readings, ({ message }, index) => message ?? index),
    counts,
  };
}

/** Readings as `device@seconds: values`, which is easy to compare. */
export function listed(columns: ReadingColumns, base: EpochMs): string[] {
  return Array.from({ length: columns.length }, (_, i) => {
    const origin = columns.origins[columns.origin[i] ?? 0];
    const shape = columns.shapes[columns.shape[i] ?? 0] ?? [];
    const first = columns.first[i] ?? 0;
    const values = shape.map((quantity, v) => `${quantity}=${columns.values[first + v]}`);
    return `${origin?.device}@${((columns.at[i] ?? 0) - base) / 1000}: ${values.join(' ')}`;
  });
}
