import { Command } from 'commander';
import { EXIT, GatewayError, type ExitCode } from '../model/error.ts';
import type { DeadLetterFilter } from '../queue/inspector.ts';
import { counted } from '../report/human.ts';
import { believedReport } from './believed-time.ts';
import type { CommandContext } from './context.ts';
import { deadLetterFilter, type FilterOptions } from './dead-letter-filter.ts';
import { deadLetterJson, deadLetterText } from './dead-letter-text.ts';
import { refuseUnknownDevice } from './known-device.ts';
import { noDatabase } from './no-database.ts';
import { withInspector } from './with-inspector.ts';

export interface DeadLetterOptions extends FilterOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly limit?: string;
  readonly yes?: boolean;
}

const EXAMPLES = `
Examples:
  gateway dead-letters list --device grid-meter --from -1d
  gateway dead-letters retry --sink dynatrace
  gateway dead-letters purge --to -7d --yes`;

export function deadLettersCommand(context: CommandContext): Command {
  const command = new Command('dead-letters')
    .description('List, retry or purge the values a sink refused for good.')
    .addHelpText('after', EXAMPLES);
  command.addCommand(
    filtered('list', 'Show dead letters with what the sink said.')
      .option('--limit <n>', 'at most so many', '100')
      .action(async (options: DeadLetterOptions) => {
        process.exitCode = await listDeadLetters(options, context);
      }),
  );
  command.addCommand(
    filtered('retry', 'Make dead letters pending again; do this after the cause is gone.').action(
      async (options: DeadLetterOptions) => {
        process.exitCode = await retryDeadLetters(options, context);
      },
    ),
  );
  command.addCommand(
    filtered('purge', 'Delete dead letters; the ledger keeps their count.')
      .option('--yes', 'do not ask')
      .action(async (options: DeadLetterOptions) => {
        process.exitCode = await purgeDeadLetters(options, context);
      }),
  );
  return command;
}

function filtered(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--sink <name>', 'only of this sink')
    .option('--device <name>', 'only of this device')
    .option('--from <time>', 'only measured at or after this time')
    .option('--to <time>', 'only measured before this time')
    .option('--json', 'machine-readable output')
    .addHelpText('after', EXAMPLES);
}

export async function listDeadLetters(options: DeadLetterOptions, context: CommandContext): Promise<ExitCode> {
  const limit = limitOf(options.limit ?? '100');
  return withLetters(options, context, ({ filter, inspector }) => {
    const letters = inspector.deadLetters({ ...filter, limit });
    const all = inspector.countDeadLetters(filter);
    const { stdout, palette } = context.terminal;
    if (options.json === true) {
      stdout.write(`${JSON.stringify({ ...all, deadLetters: letters.map(deadLetterJson) }, null, 2)}\n`);
      return EXIT.ok;
    }
    if (letters.length === 0) {
      stdout.write('No dead letters.\n');
      return EXIT.ok;
    }
    stdout.write(deadLetterText(letters, { palette, width: context.terminal.width() }));
    const more = all.letters > letters.length ? ` in all; --limit shows more than these ${letters.length}` : '';
    stdout.write(`\n${counted(all.letters, 'dead letter')} with ${counted(all.values, 'value')}${more}.\n`);
    return EXIT.ok;
  });
}

export async function retryDeadLetters(options: DeadLetterOptions, context: CommandContext): Promise<ExitCode> {
  return withLetters(options, context, ({ filter, inspector, daemonRunning }) => {
    const values = inspector.retryDeadLetters(filter);
    if (options.json === true) {
      context.terminal.stdout.write(`${JSON.stringify({ retriedValues: values, daemonRunning }, null, 2)}\n`);
      return EXIT.ok;
    }
    const waiting =
      values === 0 || daemonRunning ? '' : ' The gateway is not running; they are sent when it is started.';
    context.terminal.stdout.write(`${counted(values, 'value')} pending again.${waiting}\n`);
    return EXIT.ok;
  });
}

export async function purgeDeadLetters(options: DeadLetterOptions, context: CommandContext): Promise<ExitCode> {
  if (options.yes !== true && !context.terminal.interactive) {
    throw new GatewayError('dead letters are purged only after a question or with --yes', {
      hint: 'There is nobody to ask here. Add --yes.',
      exitCode: EXIT.usage,
    });
  }
  return withLetters(options, context, async ({ filter, inspector }) => {
    const { letters, values } = inspector.countDeadLetters(filter);
    const what = `${counted(letters, 'dead letter')} with ${counted(values, 'value')}`;
    const agreed =
      options.yes === true || letters === 0 || (await context.terminal.confirm(`Delete ${what} for good?`));
    const purged = agreed && letters > 0 ? inspector.purgeDeadLetters(filter) : 0;
    const text = agreed ? `${counted(purged, 'value')} purged.` : 'Nothing purged.';
    context.terminal.stdout.write(
      options.json === true ? `${JSON.stringify({ purgedValues: purged }, null, 2)}\n` : `${text}\n`,
    );
    return EXIT.ok;
  });
}

interface Letters {
  readonly inspector: Parameters<Parameters<typeof withInspector>[2]>[0];
  readonly filter: DeadLetterFilter;
  readonly daemonRunning: boolean;
}

async function withLetters(
  options: DeadLetterOptions,
  context: CommandContext,
  use: (letters: Letters) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  const settings = context.loadSettings(options.config);
  return withInspector(context, settings.dataDir, (inspector) => {
    const { now, daemonRunning, report } = believedReport(inspector, context.clock.wallMs());
    if (report === null) throw noDatabase(settings);
    refuseUnknownDevice(options.device, inspector);
    return use({ inspector, daemonRunning, filter: deadLetterFilter(options, now) });
  });
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new GatewayError(`--limit ${JSON.stringify(text)} is not a number of letters`, {
    hint: 'Write a whole number from 1, such as --limit 500.',
    exitCode: EXIT.usage,
  });
}
