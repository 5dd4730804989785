import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { findProfile, profileFolders, profileNames } from '../config/profile-file.ts';
import { formatLineAddress, type LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { RegisterProfileData } from '../model/profile-data.ts';
import type { CommandContext } from './context.ts';
import { detectMap, type Detection } from './detect-map.ts';
import { readLive, type LiveValues } from './live-values.ts';
import { refuseLineInUse } from './line-in-use.ts';
import { lineAddress, openLine } from './modbus-line.ts';
import { ProgressBar } from './progress-bar.ts';
import { scanText } from './scan-text.ts';

interface ScanOptions {
  readonly config?: string;
  readonly baud: readonly number[];
  readonly units: readonly number[];
  readonly logger?: number;
  readonly timeout: number;
  readonly json?: boolean;
}

/** What is at one line, speed and unit. Stable in `--json`: fields are added, never renamed. */
export interface ScanResult {
  readonly url: string;
  /** Null where the line has no speed of its own. */
  readonly baud: number | null;
  readonly unit: number;
  readonly detection: Detection | { readonly kind: 'down'; readonly reason: string };
  readonly live: LiveValues | null;
}

const BY_ID = '/dev/serial/by-id';
/** Of a line on the network, whose speed is set at the converter. */
const NO_BAUD: readonly null[] = [null];

export function modbusScanCommand(context: CommandContext): Command {
  return new Command('scan')
    .description(
      'Find out which devices are on a line and which register map each has; prints the configuration to use.',
    )
    .argument(
      '[lines...]',
      '/dev/ttyUSB0, tcp://host, rtu+tcp://host:port, solarman://host; default: every serial port',
    )
    .option('--baud <list>', 'speeds to try on serial lines', list, [9600, 19200, 115200, 2400])
    .option('--units <list>', 'addresses on the line to try, such as 1-10 or 1,3', list, [1, 2, 3])
    .option('--logger <n>', 'serial number of a logger stick (solarman://)', Number)
    .option('--timeout <ms>', 'how long an answer may take; logger sticks may need 25000', Number, 1000)
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `
Reads only, and never on a line that a running gateway reads.

Examples:
  gateway modbus scan
  gateway modbus scan /dev/ttyUSB0 --baud 9600 --units 1-5
  gateway modbus scan solarman://192.168.1.30 --logger 2300012345 --timeout 10000`,
    )
    .action(async (lines: readonly string[], options: ScanOptions) => {
      const addresses = lines.length > 0 ? lines.map(lineAddress) : serialPorts();
      if (addresses.length === 0)
        throw new GatewayError('This machine has no serial port.', {
          hint: 'Plug in the adapter (then `ls /dev/serial/by-id` shows it), or name a line: `gateway modbus scan tcp://host`.',
          exitCode: EXIT.failing,
        });
      for (const address of addresses) refuseLineInUse(address, () => context.loadConfig(options.config));
      const { terminal } = context;
      const { stdout, stderr } = terminal;
      const bar = terminal.stderrIsTerminal && options.json !== true ? new ProgressBar(stderr, terminal.width()) : null;
      const profiles = knownMaps(context.guessDataDir(options.config) ?? '.');
      const results: ScanResult[] = [];
      for (const [i, address] of addresses.entries())
        for await (const [result, share] of scanLine(address, options, profiles, context)) {
          bar?.draw((i + share) / addresses.length, formatLineAddress(address));
          results.push(result);
        }
      bar?.finish();
      stdout.write(options.json === true ? `${JSON.stringify(results, shorten, 2)}\n` : scanText(results));
      process.exitCode = results.some(({ detection }) => detection.kind === 'found') ? EXIT.ok : EXIT.failing;
    });
}

/** Every speed and unit of a line until a speed has shown a device; with the share that is done. */
async function* scanLine(
  address: LineAddress,
  { baud, units, logger, timeout }: ScanOptions,
  profiles: readonly RegisterProfileData[],
  { clock }: CommandContext,
): AsyncGenerator<readonly [ScanResult, number]> {
  const speeds: readonly (number | null)[] = address.kind === 'serial' ? baud : NO_BAUD;
  const url = formatLineAddress(address);
  for (const [s, speed] of speeds.entries()) {
    const serial = { baud: speed ?? 9600, parity: 'none', dataBits: 8, stopBits: 1 } as const;
    const bus = openLine({ address, serial, logger: logger ?? null, gapMs: 200, timeoutMs: timeout }, clock);
    let found = false;
    try {
      for (const [u, unit] of units.entries()) {
        const detection = await detectMap(bus, unit, profiles);
        const at = { url, baud: speed, unit };
        const share = (s + (u + 1) / units.length) / speeds.length;
        if (bus.down !== null) {
          yield [{ ...at, detection: { kind: 'down', reason: bus.down }, live: null }, share];
          return;
        }
        const live = detection.kind === 'found' ? await readLive(bus, unit, detection.profile, clock) : null;
        found ||= detection.kind === 'found' || detection.kind === 'unknown';
        yield [{ ...at, detection, live }, share];
      }
    } finally {
      await bus.close();
    }
    if (found) return;
  }
}

function serialPorts(): LineAddress[] {
  const byId = entriesOf(BY_ID).map((name) => join(BY_ID, name));
  const paths =
    byId.length > 0
      ? byId
      : entriesOf('/dev')
          .filter((name) => /^tty(USB|ACM|AMA)\d+$/.test(name))
          .map((name) => join('/dev', name));
  return paths.sort().map((path) => ({ kind: 'serial', path }));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function knownMaps(dataDir: string): RegisterProfileData[] {
  const folders = profileFolders(dataDir);
  return profileNames(folders).flatMap((name) => {
    const data = findProfile(name, folders)?.data;
    return data?.kind === 'registers' ? [data] : [];
  });
}

/** A profile is named, not printed whole. */
function shorten(key: string, value: unknown): unknown {
  return key === 'profile' && typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
}

function list(text: string): number[] {
  const numbers = text.split(',').flatMap((part) => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  if (numbers.length === 0 || !numbers.every((n) => Number.isInteger(n) && n > 0))
    throw new InvalidArgumentError('expected whole numbers such as 9600 or 1-10 or 1,3.');
  return numbers;
}
