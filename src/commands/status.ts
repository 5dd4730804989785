import { Command } from 'commander';
import { EXIT, GatewayError, type ExitCode } from '../model/error.ts';
import { SECOND } from '../model/time.ts';
import type { QueueReport } from '../queue/queue.ts';
import { buildStatus } from '../report/build-status.ts';
import type { ConfigSummary } from '../report/config-summary.ts';
import { statusExitCode } from '../report/exit-code.ts';
import { statusText } from '../report/text.ts';
import { believedReport } from './believed-time.ts';
import type { CommandContext } from './context.ts';
import type { Settings } from './settings.ts';
import { unknownConfig } from './unknown-config.ts';
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

/** Prints the status once, or every second until interrupted. A bad configuration is thrown after what can be seen all the same. */
export async function showStatus(options: StatusOptions, context: CommandContext): Promise<ExitCode> {
  let settings: Settings;
  try {
    settings = context.loadSettings(options.config);
  } catch (error) {
    const dataDir = error instanceof GatewayError ? context.guessDataDir(options.config) : null;
    if (dataDir !== null) await printUnconfigured(options, dataDir, context);
    throw error;
  }
  const look: Look = { dataDir: settings.dataDir, configOf: () => settings.summary };
  if (options.watch !== true) return printOnce(options, look, context);
  const interrupt = context.catchInterrupt();
  try {
    while (!interrupt.signal.aborted) {
      await printOnce(options, look, context);
      await context.clock.sleep(SECOND, interrupt.signal);
    }
  } finally {
    interrupt.release();
  }
  return EXIT.ok;
}

interface Look {
  readonly dataDir: string;
  readonly configOf: (report: QueueReport | null) => ConfigSummary;
}

/** A database that is too new is thrown. Whatever else keeps it from being read matters less than the configuration. */
async function printUnconfigured(options: StatusOptions, dataDir: string, context: CommandContext): Promise<void> {
  try {
    const look: Look = { dataDir, configOf: (report) => unknownConfig(dataDir, report) };
    await printOnce({ ...options, watch: false }, look, context);
  } catch (error) {
    if (error instanceof GatewayError && error.exitCode === EXIT.newerDatabase) throw error;
  }
}

async function printOnce(
  options: StatusOptions,
  { dataDir, configOf }: Look,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const diskFreeBytes = context.diskFreeBytes(dataDir);
  const { daemonRunning, report, now } = await withInspector(context, dataDir, (inspector) =>
    believedReport(inspector, context.clock.wallMs()),
  );
  const status = buildStatus({
    version: context.version,
    now,
    daemonRunning,
    report,
    config: configOf(report),
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
