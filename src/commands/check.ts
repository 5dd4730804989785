import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { redact } from '../config/redact.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { maskSecrets, maskTexts } from '../platform/secret.ts';
import { checkDataDir, checkDisk } from './check-machine.ts';
import { counted } from '../report/human.ts';
import type { CheckResult } from './check-result.ts';
import { checkClock, checkSink } from './check-sink.ts';
import { checkSource } from './check-source.ts';
import type { CommandContext } from './context.ts';
import { withInspector } from './with-inspector.ts';

export interface CheckOptions {
  readonly config?: string;
  readonly online?: boolean;
  readonly json?: boolean;
}

export function checkCommand(context: CommandContext): Command {
  return new Command('check')
    .description('Validate the configuration and print it as it is in force, without secrets.')
    .option('--online', 'also try the brokers, the sinks and their tokens, the clock and the disk')
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      `
--online sends Dynatrace one value of a metric of its own (gateway.check) and no reading.

Examples:
  gateway check
  gateway check --config /etc/gateway/gateway.yaml --online

Exit codes: 0 all is well, 2 the configuration is wrong, 4 something that was tried failed`,
    )
    .action(async (options: CheckOptions) => {
      process.exitCode = await check(options, context);
    });
}

/** Prints the configuration in force, its warnings, and with `--online` one line for each thing that was tried. */
export async function check(options: CheckOptions, context: CommandContext): Promise<ExitCode> {
  const config = context.loadConfig(options.config);
  const { stdout } = context.terminal;
  const json = options.json === true;
  if (!json) stdout.write(`# ${config.file ?? 'no file; from the environment and defaults'}\n${redact(config)}`);
  for (const warning of json ? [] : config.warnings) {
    stdout.write(`\n${context.terminal.palette.warn('warning')} ${warning.message}\n  → ${warning.hint}\n`);
  }
  if (!json && options.online === true) stdout.write('\n');
  const results: CheckResult[] = [];
  for await (const result of options.online === true ? tryOnline(config, context) : []) {
    results.push(result);
    if (!json) stdout.write(lineOf(result, context));
  }
  const ok = results.every((result) => result.state !== 'failed');
  if (json) {
    const warnings = config.warnings.map(({ code, message, hint }) => ({ code, message, hint }));
    const document = { ok, file: config.file, configuration: redact(config), warnings, checks: results };
    stdout.write(`${JSON.stringify(maskTexts(document), null, 2)}\n`);
  } else if (options.online !== true) {
    const { length } = config.warnings;
    const but = length === 0 ? '' : `, with ${counted(length, 'warning')}`;
    stdout.write(`\nThe configuration is valid${but}. \`gateway check --online\` also tries it.\n`);
  }
  return ok ? EXIT.ok : EXIT.failing;
}

/** One after the other, so that a person sees what is being waited for. */
async function* tryOnline(config: Config, context: CommandContext): AsyncGenerator<CheckResult> {
  yield checkDataDir(config.dataDir);
  yield checkDisk(config, context.diskFreeBytes(config.dataDir));
  const daemonRunning = await withInspector(context, config.dataDir, (inspector) => inspector.daemonRunning());
  for (const source of config.sources) yield await checkSource(source, daemonRunning);
  const offsets: (number | null)[] = [];
  for (const sink of config.sinks) {
    const { results, offsetMs } = await checkSink(sink, {
      dimensions: config.dimensions,
      version: context.version,
      clock: context.clock,
    });
    offsets.push(offsetMs);
    yield* results;
  }
  yield checkClock(offsets);
}

function lineOf({ name, state, message, hint }: CheckResult, { terminal }: CommandContext): string {
  const { good, bad, dim } = terminal.palette;
  const mark = { ok: good('ok     '), failed: bad('failed '), unknown: dim('unknown') }[state];
  return maskSecrets(`${mark} ${name}: ${message}\n${hint === null ? '' : `        → ${hint}\n`}`);
}
