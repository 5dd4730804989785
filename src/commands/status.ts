import { Command } from 'commander';
import { EXIT, GatewayError, type ExitCode } from '../model/error.ts';
import { SECOND } from '../model/time.ts';
import { buildStatus } from '../report/build-status.ts';
import { statusExitCode } from '../report/exit-code.ts';
import { statusText } from '../report/text.ts';
import { believedReport } from './believed-time.ts';
import type { CommandContext } from './context.ts';
import type { Settings } from './settings.ts';
import { withInspector } from './with-inspector.ts';

export interface StatusOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
}

const CLEAR = '\u001B[H\u001B[2J\u001B[3J';

export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description('Show the queue, the ledger, and what is wrong. Works without the daemon.')
    .option('--json', 'the stable machine-readable form')
    .option('--watch', 'redraw every second until Ctrl-C')
    .addHelpText(
      'after',
      `
Examples:
  gateway status
  gateway status --watch
  gateway status --json | jq '.sinks[].ledger'

Exit codes: 0 ok or degraded, 2 configuration, 3 daemon not running, 4 failing, 5 database newer than this program`,
    )
    .action(async (options: StatusOptions) => {
      process.exitCode = await showStatus(options, context);
    });
}

/** Prints the status once, or every second until interrupted. A database that is too new wins over a bad configuration. */
export async function showStatus(options: StatusOptions, context: CommandContext): Promise<ExitCode> {
  const settings = await settingsOf(options, context);
  if (options.watch !== true) return printOnce(options, settings, context);
  const interrupt = context.catchInterrupt();
  try {
    while (!interrupt.signal.aborted) {
      await printOnce(options, settings, context);
      await context.clock.sleep(SECOND, interrupt.signal);
    }
  } finally {
    interrupt.release();
  }
  return EXIT.ok;
}

async function printOnce(options: StatusOptions, settings: Settings, context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const diskFreeBytes = context.diskFreeBytes(settings.dataDir);
  const { daemonRunning, report, now } = await withInspector(context, settings.dataDir, (inspector) =>
    believedReport(inspector, context.clock.wallMs()),
  );
  const status = buildStatus({
    version: context.version,
    now,
    daemonRunning,
    report,
    config: settings.summary,
    diskFreeBytes,
  });
  const watching = options.watch === true;
  if (options.json === true) {
    terminal.stdout.write(`${JSON.stringify(status, null, watching ? 0 : 2)}\n`);
  } else {
    const text = statusText(status, { palette: terminal.palette, width: terminal.width(), now });
    const before = watching && terminal.stdoutIsTerminal ? CLEAR : '';
    terminal.stdout.write(`${before}${text}${watching && !terminal.stdoutIsTerminal ? '\n' : ''}`);
  }
  return statusExitCode(status);
}

async function settingsOf(options: StatusOptions, context: CommandContext): Promise<Settings> {
  try {
    return context.loadSettings(options.config);
  } catch (error) {
    const dataDir = error instanceof GatewayError ? context.guessDataDir(options.config) : null;
    throw dataDir === null ? error : ((await newerDatabase(dataDir, context)) ?? error);
  }
}

/** The error of a database that is too new. Whatever else keeps it from being read matters less than the configuration. */
async function newerDatabase(dataDir: string, context: CommandContext): Promise<GatewayError | null> {
  try {
    await withInspector(context, dataDir, (inspector) => inspector.report(context.clock.wallMs()));
    return null;
  } catch (error) {
    return error instanceof GatewayError && error.exitCode === EXIT.newerDatabase ? error : null;
  }
}
