import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { EXIT, type ExitCode } from '../model/error.ts';
import type { HistoryRange } from '../queue/inspector.ts';
import { counted } from '../report/human.ts';
import { believedReport } from './believed-time.ts';
import type { CommandContext } from './context.ts';
import {
  csvWriter,
  EXPORT_FORMATS,
  jsonLinesWriter,
  lineWriter,
  type ExportFormat,
  type PageWriter,
} from './export-format.ts';
import { refuseUnknownDevice } from './known-device.ts';
import { noDatabase } from './no-database.ts';
import { ProgressBar } from './progress-bar.ts';
import { replaceFile } from './replace-file.ts';
import { parseRange } from './time-argument.ts';
import { withInspector } from './with-inspector.ts';

export interface ExportOptions {
  readonly config?: string;
  readonly from: string;
  readonly to: string;
  readonly device?: string;
  readonly format: ExportFormat;
  readonly out?: string;
  readonly force?: boolean;
}

export function exportCommand(context: CommandContext): Command {
  return new Command('export')
    .description('Write the local history to a file or to stdout.')
    .requiredOption('--from <time>', 'first instant of the range')
    .option('--to <time>', 'end of the range, not part of it', 'now')
    .addOption(new Option('--format <format>', 'what to write').choices(EXPORT_FORMATS).default('csv'))
    .option('--device <name>', 'only readings of this device')
    .option('--out <file>', 'a file instead of stdout; it appears when it is complete')
    .option('--force', 'replace the file when it exists')
    .addHelpText(
      'after',
      `
Formats: csv = time,device,quantity,value,unit (one value per row); jsonl = one reading per line; lp = Dynatrace metric lines.

Examples:
  gateway export --from -1d --to now --out yesterday.csv
  gateway export --from '2026-11-20 00:00' --to '2026-11-21 00:00' --format jsonl | gzip > day.jsonl.gz
  gateway export --from -2h --to now --format lp --device grid-meter`,
    )
    .action(async (options: ExportOptions) => {
      process.exitCode = await exportHistory(options, context);
    });
}

/** Streams the history: never more than a page in memory, and no faster than the reader takes it. */
export async function exportHistory(options: ExportOptions, context: CommandContext): Promise<ExitCode> {
  const settings = context.loadSettings(options.config);
  const writer = await writerOf(options.format, settings.dimensions);
  return withInspector(context, settings.dataDir, async (inspector) => {
    const { now, report } = believedReport(inspector, context.clock.wallMs());
    const range: HistoryRange = {
      ...parseRange(options.from, options.to, now),
      ...(options.device === undefined ? {} : { device: options.device }),
    };
    if (report === null) throw noDatabase(settings);
    refuseUnknownDevice(options.device, inspector);
    const { stdout, stderr, stderrIsTerminal } = context.terminal;
    const toScreen = options.out === undefined && context.terminal.stdoutIsTerminal;
    const bar = stderrIsTerminal && !toScreen ? new ProgressBar(stderr, context.terminal.width()) : null;
    const counts = { readings: 0 };
    const text = Readable.from(pages(range, inspector.history(range), writer, counts, bar), { objectMode: false });
    if (options.out === undefined) {
      await pipeline(text, stdout, { end: false });
    } else {
      const interrupt = context.catchInterrupt();
      try {
        await replaceFile(options.out, text, { force: options.force === true, signal: interrupt.signal });
      } finally {
        interrupt.release();
      }
    }
    bar?.finish();
    if (options.out !== undefined) stderr.write(`${counted(counts.readings, 'reading')} written to ${options.out}.\n`);
    if (writer.skippedValues > 0) {
      stderr.write(`${counted(writer.skippedValues, 'value')} left out: this format has no form for them.\n`);
    }
    return EXIT.ok;
  });
}

function* pages(
  range: HistoryRange,
  history: ReturnType<Parameters<Parameters<typeof withInspector>[2]>[0]['history']>,
  writer: PageWriter,
  counts: { readings: number },
  bar: ProgressBar | null,
): Generator<string> {
  if (writer.header !== '') yield writer.header;
  for (const columns of history) {
    counts.readings += columns.length;
    const at = columns.at[columns.length - 1] ?? range.from;
    bar?.draw((at - range.from) / (range.to - range.from), counted(counts.readings, 'reading'));
    const text = writer.page(columns);
    if (text !== '') yield text;
  }
  bar?.draw(1, counted(counts.readings, 'reading'));
}

async function writerOf(format: ExportFormat, dimensions: Readonly<Record<string, string>>): Promise<PageWriter> {
  if (format === 'csv') return csvWriter();
  if (format === 'jsonl') return jsonLinesWriter();
  const { LineEncoder } = await import('../sinks/dynatrace/line.ts');
  const encoder = new LineEncoder(dimensions);
  return lineWriter((sample) => encoder.sample(sample));
}
