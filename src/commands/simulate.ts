import { Command } from 'commander';
import { simulateDynatraceCommand } from './simulate-dynatrace.ts';
import { simulateMeterCommand } from './simulate-meter.ts';

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Stand in for a smart meter, or for Dynatrace.')
    .addHelpText(
      'after',
      `
Examples:
  gateway simulate meter --broker mqtt://127.0.0.1:1883 --topic amis/data
  gateway simulate dynatrace --port 18080`,
    )
    .addCommand(simulateMeterCommand())
    .addCommand(simulateDynatraceCommand());
}
