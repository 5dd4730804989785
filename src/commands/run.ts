import { Command } from 'commander';
import { EXIT } from '../model/error.ts';
import type { DurationMs } from '../model/time.ts';
import type { Log } from '../platform/log.ts';
import { createLog } from '../platform/pino-log.ts';
import { loadSystemConfig } from './system-config.ts';
import { summarise } from './summarise.ts';

/** Docker and systemd send SIGKILL after ten seconds or more; a stop that hangs must not need it. */
const STOP_WITHIN: DurationMs = 9_000;

export function runCommand(): Command {
  return new Command('run')
    .description('Collects readings and sends them, in the foreground, until SIGTERM or SIGINT.')
    .addHelpText(
      'after',
      `
Examples:
  gateway run                                        gateway.yaml here or in /etc/gateway, .env, environment
  gateway run --config /etc/gateway/gateway.yaml
  GATEWAY_QUEUE_LINGER=5s gateway run                fewer commits: kinder to an SD card`,
    )
    .action(async (options: { config?: string }) => run(options.config));
}

async function run(configFile: string | undefined): Promise<void> {
  // The queue's files are for this user only.
  process.umask(0o077);
  const config = loadSystemConfig(configFile);
  const log = await createLog({ level: config.log.level, pretty: process.stdout.isTTY });
  const die = (error: unknown): void => {
    log.error({ err: error }, 'the gateway cannot go on and ends; its supervisor starts it again');
    process.exit(EXIT.internal);
  };
  // Before whoever listens already: the log is where a daemon's owner looks.
  process.prependListener('uncaughtException', die);
  process.prependListener('unhandledRejection', die);
  const { Gateway } = await import('../gateway.ts');
  const gateway = await Gateway.open(config, { log, summary: summarise(config), onFatal: die });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(gateway, log, signal));
  await gateway.start();
}

async function stop(gateway: { stop(): Promise<void> }, log: Log, signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  setTimeout(() => {
    log.warn({}, 'stopping takes too long; nothing acknowledged is lost, the rest is sent after the next start');
    process.exit(EXIT.ok);
  }, STOP_WITHIN).unref();
  await gateway.stop();
  log.info({}, 'stopped');
  process.exit(EXIT.ok);
}
