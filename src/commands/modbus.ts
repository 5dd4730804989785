import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { modbusReadCommand } from './modbus-read.ts';
import { modbusScanCommand } from './modbus-scan.ts';

export function modbusCommand(context: CommandContext): Command {
  return new Command('modbus')
    .description('Find inverters and meters on a Modbus line, and look at their registers. Nothing is ever written.')
    .addHelpText(
      'after',
      `
Examples:
  gateway modbus scan                              every serial port of this machine
  gateway modbus scan tcp://192.168.1.20
  gateway modbus read /dev/ttyUSB0 --address 0x0212 --type s16 --scale 10`,
    )
    .addCommand(modbusScanCommand(context))
    .addCommand(modbusReadCommand(context));
}
