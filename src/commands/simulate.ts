import { Command } from 'commander';
import { simulateDynatraceCommand } from './simulate-dynatrace.ts';
import { simulateMeterCommand } from './simulate-meter.ts';

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('stand in for a smart meter, or for Dynatrace')
    .addCommand(simulateMeterCommand())
    .addCommand(simulateDynatraceCommand());
}
