import { Command, InvalidArgumentError, Option } from 'commander';
import { numberAt, wordsFromHex } from '../devices/registers/words.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import { registerWords, type FunctionCode, type RegisterType } from '../model/profile-data.ts';
import type { CommandContext } from './context.ts';
import { LinesInUse } from './lines-in-use.ts';
import { lineAddress, openLine } from './modbus-line.ts';
import { failedRead } from './failed-read.ts';
import { wholeFrom } from './number-argument.ts';

interface ReadOptions {
  readonly config?: string;
  readonly unit: number;
  readonly fc: string;
  readonly address: number;
  readonly count: number;
  readonly type: Exclude<RegisterType, 'ascii'>;
  readonly scale: number;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly logger?: number;
  readonly timeout: number;
  readonly json?: boolean;
}

/** In one read (Modbus application protocol V1.1b3, 6.3). */
const MOST_WORDS = 125;

export function modbusReadCommand(context: CommandContext): Command {
  return new Command('read')
    .description('Read single registers.')
    .argument('<line>', '/dev/ttyUSB0, tcp://host, rtu+tcp://host:port or solarman://host')
    .requiredOption('--address <n>', 'the address on the wire, such as 0x0212', wholeFrom(0, 0xffff))
    .option('--unit <n>', 'address of the device on the line', wholeFrom(1, 247), 1)
    .addOption(new Option('--fc <n>', 'function code').choices(['3', '4']).default('3'))
    .option('--count <n>', 'how many values', wholeFrom(1, 125), 1)
    .addOption(new Option('--type <type>', 'type').choices(['u16', 's16', 'u32', 's32', 'u64', 'f32']).default('u16'))
    .option('--scale <n>', 'what the raw number is multiplied by', factor, 1)
    .option('--baud <n>', 'speed of a serial line', wholeFrom(300, 921_600), 9600)
    .addOption(new Option('--parity <parity>', 'of a serial line').choices(['none', 'even', 'odd']).default('none'))
    .option('--logger <n>', 'serial number of a logger stick', wholeFrom(1, 0xffff_ffff))
    .option('--timeout <ms>', 'how long an answer may take', wholeFrom(100, 60_000), 1000)
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `
Examples:
  gateway modbus read /dev/ttyUSB0 --address 0x0212 --type s16 --scale 10    grid power of an old hybrid
  gateway modbus read tcp://192.168.1.20 --fc 4 --address 0x0046 --type f32  frequency of an SDM630`,
    )
    .action(async (line: string, options: ReadOptions) => {
      const { unit, baud, parity, logger = null, type, timeout, scale } = options;
      const address = lineAddress(line, logger);
      await (await LinesInUse.find(context, options.config)).refuse(address);
      const each = registerWords({ type, words: 1 });
      if (each * options.count > MOST_WORDS)
        throw new GatewayError(`${options.count} values of type ${type} do not fit into one read`, {
          hint: `A read has at most ${MOST_WORDS} registers.`,
          exitCode: EXIT.usage,
        });
      const bus = openLine(
        {
          address,
          serial: { baud, parity, dataBits: 8, stopBits: 1 },
          logger,
          gapMs: 100,
          timeoutMs: timeout,
        },
        context.clock,
      );
      try {
        const fc = Number(options.fc) as FunctionCode;
        const request = { unit, fc, start: options.address, count: each * options.count };
        const outcome = await bus.read(request);
        if (outcome.kind !== 'data') throw failedRead(outcome, address.kind);
        const words = wordsFromHex(Buffer.from(outcome.bytes).toString('hex'));
        const values = Array.from({ length: options.count }, (_, i) => {
          const raw = words === null ? null : numberAt(words, i * each, type, 'high-first');
          return { address: options.address + i * each, raw, value: raw === null ? null : rounded(raw * scale) };
        });
        const text = options.json === true ? JSON.stringify(values) : values.map(lineOf).join('\n');
        context.terminal.stdout.write(`${text}\n`);
      } finally {
        await bus.close();
      }
    });
}

/** 0.1 × 3 is 0.3 to a person. */
function rounded(value: number): number {
  return Number(value.toPrecision(15)) + 0;
}

function lineOf({ address, raw, value }: { address: number; raw: number | null; value: number | null }): string {
  const at = `0x${address.toString(16).padStart(4, '0')}`;
  return raw === null ? `${at}  no value (all bits set)` : `${at}  ${raw}  ${value}`;
}

function factor(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}
