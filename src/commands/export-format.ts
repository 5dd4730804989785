/** History as text, a page at a time, so that a week of readings passes through a few kilobytes of memory. Pure. */
import { quantityDefinition } from '../model/quantity.ts';
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { Quantity } from '../model/reading.ts';
import type { Sample } from '../model/sample.ts';
import type { EpochMs } from '../model/time.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'lp'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Renders pages; `skippedValues` counts what the format has no form for. */
export interface PageWriter {
  readonly header: string;
  page(columns: ReadingColumns): string;
  readonly skippedValues: number;
}

/** RFC 4180 with a header; times in UTC with milliseconds; values and units as stored. */
export function csvWriter(): PageWriter {
  return {
    header: 'time,device,quantity,value,unit\r\n',
    skippedValues: 0,
    page: (columns) => {
      let text = '';
      for (let i = 0; i < columns.length; i++) {
        const head = `${isoTime(columns, i)},${quotedCsv(columns.origins[columns.origin[i] ?? 0]?.device ?? '')}`;
        for (const [quantity, value] of valuesOf(columns, i)) {
          text += `${head},${quotedCsv(quantity)},${value},${quotedCsv(unitOf(quantity))}\r\n`;
        }
      }
      return text;
    },
  };
}

/** One JSON object per reading and line. */
export function jsonLinesWriter(): PageWriter {
  return {
    header: '',
    skippedValues: 0,
    page: (columns) => {
      let text = '';
      for (let i = 0; i < columns.length; i++) {
        const origin = columns.origins[columns.origin[i] ?? 0];
        const reading = {
          time: isoTime(columns, i),
          device: origin?.device ?? '',
          source: origin?.source ?? '',
          values: Object.fromEntries(valuesOf(columns, i)),
        };
        text += `${JSON.stringify(reading)}\n`;
      }
      return text;
    },
  };
}

/** Dynatrace metric lines, one per value. `encode` gives null for what has no metric; so has a time no reading can have. */
export function lineWriter(encode: (sample: Sample) => string | null): PageWriter {
  let skippedValues = 0;
  return {
    header: '',
    get skippedValues() {
      return skippedValues;
    },
    page: (columns) => {
      let text = '';
      for (let i = 0; i < columns.length; i++) {
        const device = columns.origins[columns.origin[i] ?? 0]?.device ?? '';
        const at = columns.at[i] ?? 0;
        for (const [quantity, value] of valuesOf(columns, i)) {
          const sample = { device, quantity, at, min: value, max: value, sum: value, count: 1 };
          const line = at < OLDEST_LINE_MS ? null : encode(sample);
          if (line === null) skippedValues += 1;
          else text += `${line}\n`;
        }
      }
      return text;
    },
  };
}

/** 2000-01-01: a reading from before it was stamped by a clock that was never set. */
const OLDEST_LINE_MS: EpochMs = Date.UTC(2000, 0, 1);

function valuesOf(columns: ReadingColumns, i: number): [Quantity, number][] {
  const first = columns.first[i] ?? 0;
  const shape = columns.shapes[columns.shape[i] ?? 0] ?? [];
  return shape.map((quantity, k): [Quantity, number] => [quantity, columns.values[first + k] ?? Number.NaN]);
}

function isoTime(columns: ReadingColumns, i: number): string {
  return new Date(columns.at[i] ?? 0).toISOString();
}

function unitOf(quantity: Quantity): string {
  return quantityDefinition(quantity)?.unit ?? '';
}

/** RFC 4180 section 2: quoted where it holds a comma, a quote or a line break; quotes doubled. */
function quotedCsv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
