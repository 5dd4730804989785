import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, GatewayError } from '../model/error.ts';
import { type DurationMs, type EpochMs, HOUR, MINUTE, SECOND } from '../model/time.ts';
import { systemClock } from '../platform/clock.ts';
import { AMIS_DEFAULTS, amisPayload, type AmisSettings, FIRMWARES, type Firmware } from '../simulate/amis-payload.ts';
import { LINZ } from '../simulate/household.ts';
import { advance, display, registersAt } from '../simulate/meter.ts';
import { publishLoop, type Published } from './publish-loop.ts';
import { type BrokerConnection, ReconnectingPublisher } from './reconnecting-publisher.ts';
import { stopSignal } from './stop-signal.ts';
import { processTerminal } from './terminal.ts';

interface Options {
  readonly broker: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly topic: string;
  readonly interval: DurationMs;
  readonly device: string;
  readonly serial: string;
  readonly speed: number;
  readonly seed: number;
  readonly firmware: Firmware;
  readonly underscores: boolean;
  readonly qos: '0' | '1';
  readonly retain: boolean;
  readonly count?: number;
  readonly json: boolean;
}

export function simulateMeterCommand(): Command {
  return new Command('meter')
    .description('publish the readings of an AMIS reader on a household with PV and an electric car')
    .option('--broker <url>', 'broker', 'mqtt://127.0.0.1:1883')
    .option('--username <name>', 'user at the broker')
    .option('--password-file <file>', "file with the user's password")
    .option('--topic <topic>', 'topic', 'amis/data')
    .addOption(
      new Option('--interval <duration>', 'time between messages, as 500ms, 5s, 1m')
        .argParser(durationArgument)
        .default(5 * SECOND, '5s'),
    )
    .option('--device <name>', "the reader's name, its client id at the broker", 'Amis-1')
    .option('--serial <text>', "the meter's serial number", serialArgument, AMIS_DEFAULTS.serial)
    .option('--speed <factor>', 'how fast the day passes in the house; time stamps stay real', positiveArgument, 1)
    .option('--seed <number>', 'another number, another household', wholeArgument, LINZ.seed)
    .addOption(
      new Option('--firmware <version>', 'reader firmware, with its quirks').choices(FIRMWARES).default('1.6.2'),
    )
    .option('--underscores', 'keys as 1_8_0 instead of 1.8.0', false)
    .addOption(new Option('--qos <level>', 'MQTT quality of service').choices(['0', '1']).default('1'))
    .option('--retain', 'publish retained', false)
    .option('--count <n>', 'end after so many messages', wholeArgument)
    .option('--json', 'one JSON object per message', false)
    .addHelpText(
      'after',
      `
Examples:
  gateway simulate meter
  gateway simulate meter --broker mqtt://broker.local:1883 --username meter --password-file ./password
  gateway simulate meter --interval 1s --speed 60 --count 100 --json`,
    )
    .action(simulateMeter);
}

async function simulateMeter(options: Options): Promise<void> {
  const terminal = processTerminal();
  const signal = stopSignal();
  const note = (sentence: string): void => void terminal.stderr.write(options.json ? '' : `${sentence}\n`);
  const publisher = new ReconnectingPublisher({
    open: await opener(options),
    clock: systemClock,
    report: (sentence) => note(`${options.broker}: ${sentence}`),
  });
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const counts = { acknowledged: 0, failed: 0, skipped: 0 };
  const report = (published: Published): void => {
    counts[published.result] += 1;
    terminal.stdout.write(`${options.json ? JSON.stringify(jsonLine(published)) : textLine(published)}\n`);
  };
  const connected = Promise.withResolvers<void>();
  const running = publisher.run(connected.resolve);
  try {
    await Promise.race([connected.promise, running, aborted]);
    const loop = publishLoop({
      publisher,
      topic: options.topic,
      qos: options.qos === '0' ? 0 : 1,
      retain: options.retain,
      intervalMs: options.interval,
      count: options.count ?? null,
      payload: meterPayload(options, systemClock.wallMs()),
      clock: systemClock,
      signal,
      report,
    });
    await Promise.race([loop, running]);
  } finally {
    await publisher.close();
  }
  await running;
  note(`${counts.acknowledged} acknowledged, ${counts.failed} failed, ${counts.skipped} not published`);
}

/** MQTT is loaded only when a meter is simulated. */
async function opener(options: Options): Promise<(signal: AbortSignal) => Promise<BrokerConnection>> {
  const { Publisher } = await import('../sources/mqtt/publisher.ts');
  const password = options.passwordFile === undefined ? undefined : readPassword(options.passwordFile);
  const login = {
    url: options.broker,
    protocol: 'auto' as const,
    clientId: options.device,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(password === undefined ? {} : { password: { reveal: () => password } }),
  };
  return (signal) => Publisher.connect(login, signal);
}

/** The payload at an instant of a meter that was asked first at `start`; from there the house's time runs `speed` times as fast. */
export function meterPayload(
  options: Pick<Options, 'seed' | 'speed' | 'firmware' | 'serial' | 'underscores'>,
  start: EpochMs,
): (at: EpochMs) => string {
  const home = { ...LINZ, seed: options.seed };
  const settings: AmisSettings = {
    ...AMIS_DEFAULTS,
    firmware: options.firmware,
    serial: options.serial,
    underscores: options.underscores,
  };
  let registers = registersAt(home, start, 'netted');
  return (at) => {
    registers = advance(registers, home, start + (at - start) * options.speed, 'netted');
    return amisPayload({ ...display(registers, home, 'netted'), at }, settings);
  };
}

function textLine({ at, topic, payload, result, tookMs, error }: Published): string {
  const outcome =
    result === 'acknowledged' ? `acknowledged in ${tookMs} ms` : result === 'failed' ? `failed: ${error}` : 'skipped';
  return `${new Date(at).toISOString()}  ${topic}  ${payload}  ${outcome}`;
}

function jsonLine({ at, payload, ...rest }: Published): object {
  return { at: new Date(at).toISOString(), payload: JSON.parse(payload) as object, ...rest };
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (cause) {
    throw new GatewayError(`the password file cannot be read: ${(cause as Error).message}`, {
      hint: 'Give --password-file a file that this user may read.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

const UNITS: Readonly<Record<string, DurationMs>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR };

function durationArgument(text: string): DurationMs {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('Write 500ms, 5s or 1m.');
}

function serialArgument(text: string): string {
  if (text.length >= 1 && text.length <= 32) return text;
  throw new InvalidArgumentError('A serial number has 1 to 32 characters.');
}

function positiveArgument(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 100_000) return number;
  throw new InvalidArgumentError('Write a number above 0, at most 100000.');
}

function wholeArgument(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Write a whole number above 0.');
}
