/**
 * What a drain costs at the least: one thread that reads, decodes, folds, renders and gzips the rows of a queue, minute by minute,
 * without HTTP or settling. Written for the purpose with what the product takes for granted (whole minutes in memory, every series
 * known), so that it does not change when the product does.
 */
import { gzipSync } from 'node:zlib';
import { quantityDefinition } from '../../../src/model/quantity.ts';
import type { ReadingColumns } from '../../../src/model/reading-columns.ts';
import { MINUTE } from '../../../src/model/time.ts';
import { openInspector } from '../../../src/queue/open-inspector.ts';
import { LineEncoder } from '../../../src/sinks/dynatrace/line.ts';
import { numberText } from '../../../src/sinks/dynatrace/number-text.ts';

export interface DrainLimitArgument {
  readonly dataDir: string;
  readonly resolution: '1m' | 'raw';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface DrainLimit {
  readonly readings: number;
  readonly lines: number;
  readonly perSecond: number;
  readonly cpuSeconds: number;
}

interface Series {
  readonly prefix: string;
  readonly divisor: number;
  min: number;
  max: number;
  sum: number;
  count: number;
  at: number;
}

const LINES_PER_REQUEST = 1_000;
const GZIP_LEVEL = 6;

const argument = JSON.parse(process.argv[2] ?? '{}') as DrainLimitArgument;
const encoder = new LineEncoder({});
/** Every device of the benchmark reports one set of quantities. */
const devices = new Map<string, readonly Series[]>();
const batch: string[] = [];
let readings = 0;
let lines = 0;

const inspector = openInspector(argument.dataDir);
const cpuBefore = process.cpuUsage();
const before = performance.now();
for (let minute = argument.fromMs; minute < argument.toMs; minute += MINUTE) {
  for (const page of inspector.history({ from: minute, to: Math.min(minute + MINUTE, argument.toMs) })) {
    readings += page.length;
    if (argument.resolution === 'raw') sendEach(page);
    else foldInto(page);
  }
  if (argument.resolution === '1m') sendFolded();
}
flush();
const seconds = (performance.now() - before) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
inspector.close();
const result: DrainLimit = { readings, lines, perSecond: readings / seconds, cpuSeconds: (user + system) / 1e6 };
process.stdout.write(`${JSON.stringify(result)}\n`);

function foldInto(page: ReadingColumns): void {
  eachValue(page, (series, value, at) => {
    if (series.count === 0) [series.min, series.max, series.sum] = [value, value, 0];
    if (value < series.min) series.min = value;
    if (value > series.max) series.max = value;
    series.sum += value;
    series.count++;
    if (at > series.at) series.at = at;
  });
}

function sendFolded(): void {
  for (const device of devices.values()) {
    for (const series of device) {
      const { prefix, divisor, min, max, sum, count, at } = series;
      if (count === 0) continue;
      const figures = `min=${numberText(min / divisor)},max=${numberText(max / divisor)},sum=${numberText(sum / divisor)}`;
      send(`${prefix}gauge,${figures},count=${count} ${at}`);
      series.count = 0;
    }
  }
}

function sendEach(page: ReadingColumns): void {
  eachValue(page, ({ prefix, divisor }, value, at) => send(`${prefix}gauge,${numberText(value / divisor)} ${at}`));
}

function eachValue(page: ReadingColumns, use: (series: Series, value: number, at: number) => void): void {
  const known = page.origins.map(({ device }) => devices.get(device) ?? added(device, page.shapes[0] ?? []));
  for (let i = 0; i < page.length; i++) {
    const ofReading = known[page.origin[i] ?? 0] ?? [];
    const first = page.first[i] ?? 0;
    const at = page.at[i] ?? 0;
    for (let k = 0; k < ofReading.length; k++) {
      const series = ofReading[k];
      if (series !== undefined) use(series, page.values[first + k] ?? 0, at);
    }
  }
}

function added(device: string, quantities: readonly string[]): readonly Series[] {
  const series = quantities.map((quantity) => {
    const line = encoder.sample({ device, quantity, at: argument.fromMs, min: 0, max: 0, sum: 0, count: 1 }) ?? '';
    const divisor = quantityDefinition(quantity)?.divisor ?? 1;
    return { prefix: line.slice(0, line.indexOf('gauge,')), divisor, min: 0, max: 0, sum: 0, count: 0, at: 0 };
  });
  devices.set(device, series);
  return series;
}

function send(line: string): void {
  if (batch.push(line) === LINES_PER_REQUEST) flush();
}

function flush(): void {
  if (batch.length === 0) return;
  lines += batch.length;
  gzipSync(batch.join('\n'), { level: GZIP_LEVEL });
  batch.length = 0;
}
