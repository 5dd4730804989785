import { Command, Option } from 'commander';
import { findProfile, profileFolders, profileNames } from '../config/profile-file.ts';
import { formatLineAddress, type LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { RegisterProfileData, SerialLine } from '../model/profile-data.ts';
import type { CommandContext } from './context.ts';
import { LinesInUse } from './lines-in-use.ts';
import { lineAddress } from './modbus-line.ts';
import { listFrom, wholeFrom } from './number-argument.ts';
import { ProgressBar } from './progress-bar.ts';
import { scanLine, type LineScan, type ScanResult } from './scan-line.ts';
import { scanPlanText } from './scan-plan-text.ts';
import { scanStepText } from './scan-step-text.ts';
import { scanText } from './scan-text.ts';
import { serialPorts } from './serial-ports.ts';

interface ScanOptions {
  readonly config?: string;
  readonly baud: readonly number[];
  readonly parity: SerialLine['parity'];
  readonly units?: readonly number[];
  readonly logger?: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const LINE_UNITS = [1, 2, 3];
/** Also where makers put SunSpec (SMA 126, others 71 and 247) and the meters behind a Fronius (200, 240). */
const NETWORK_UNITS = [...LINE_UNITS, 71, 126, 200, 240, 247];

export function modbusScanCommand(context: CommandContext): Command {
  return new Command('scan')
    .description(
      'Find out which devices are on a line and which register map each has; prints the configuration to use.',
    )
    .argument(
      '[lines...]',
      '/dev/ttyUSB0, tcp://host, rtu+tcp://host:port, solarman://host; default: every serial port',
    )
    .option('--baud <list>', 'speeds to try on serial lines', listFrom(300, 921_600), [9600, 19200, 115200, 2400])
    .addOption(new Option('--parity <parity>', 'of serial lines').choices(['none', 'even', 'odd']).default('none'))
    .option(
      '--units <list>',
      `addresses to try, such as 1-10 or 1,3; default: ${LINE_UNITS.join()} on a line, ${NETWORK_UNITS.join()} of a device on the network`,
      listFrom(1, 247),
    )
    .option('--logger <n>', 'serial number of a logger stick (solarman://)', wholeFrom(1, 0xffff_ffff))
    .option('--timeout <ms>', 'how long an answer may take; logger sticks may need 25000', wholeFrom(100, 60_000), 1000)
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
      const { baud: bauds, parity, logger = null, timeout: timeoutMs } = options;
      const profiles = knownMaps(context.guessDataDir(options.config) ?? '.');
      const inUse = await LinesInUse.find(context, options.config);
      const addresses = await (lines.length > 0 ? named(lines, logger, inUse) : freePorts(inUse, context));
      const scans = addresses.map((address) => {
        const units = options.units ?? (address.kind === 'tcp' ? NETWORK_UNITS : LINE_UNITS);
        return { address, bauds, parity, units, logger, timeoutMs, profiles };
      });
      if (options.json !== true) context.terminal.stderr.write(scanPlanText(scans));
      const results = await scanAll(scans, options.json !== true, context);
      const text = options.json === true ? `${JSON.stringify(results, shorten, 2)}\n` : scanText(results);
      context.terminal.stdout.write(text);
      process.exitCode = results.some(({ detection }) => detection.kind === 'found') ? EXIT.ok : EXIT.failing;
    });
}

/** Throws a GatewayError when a running gateway reads one of them. */
async function named(lines: readonly string[], logger: number | null, inUse: LinesInUse): Promise<LineAddress[]> {
  const addresses = lines.map((line) => lineAddress(line, logger));
  for (const address of addresses) await inUse.refuse(address);
  return addresses;
}

/** Every serial port but those that a running gateway reads. */
async function freePorts(inUse: LinesInUse, { terminal }: CommandContext): Promise<LineAddress[]> {
  const ports = serialPorts().map((path) => ({ kind: 'serial', path }) as const);
  const free: LineAddress[] = [];
  for (const port of ports) {
    const user = await inUse.userOf(port);
    if (user === null) free.push(port);
    else terminal.stderr.write(`${port.path}: left out, the running gateway reads it (${user}).\n`);
  }
  if (free.length > 0) return free;
  throw new GatewayError(`This machine has no ${ports.length > 0 ? 'other ' : ''}serial port.`, {
    hint: 'Plug in the adapter (then `ls /dev/serial/by-id` shows it), or name a line: `gateway modbus scan tcp://host`.',
    exitCode: EXIT.failing,
  });
}

async function scanAll(
  scans: readonly LineScan[],
  showProgress: boolean,
  { terminal, clock }: CommandContext,
): Promise<ScanResult[]> {
  const bar = showProgress && terminal.stderrIsTerminal ? new ProgressBar(terminal.stderr, terminal.width()) : null;
  const results: ScanResult[] = [];
  for (const [i, scan] of scans.entries()) {
    bar?.draw(i / scans.length, formatLineAddress(scan.address));
    for await (const [result, share] of scanLine(scan, clock)) {
      const step = scanStepText(result);
      // What a bar cannot show, as in a log, is told line by line.
      if (bar === null && showProgress) terminal.stderr.write(`${step}\n`);
      bar?.draw((i + share) / scans.length, step);
      results.push(result);
    }
  }
  bar?.finish();
  return results;
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
