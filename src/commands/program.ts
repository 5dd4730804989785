import { Command } from 'commander';
import { VERSION } from '../platform/release.ts';
import type { CommandContext } from './context.ts';

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: (context: () => Promise<CommandContext>) => Promise<Command>;
}

const COMMANDS: readonly Entry[] = [
  {
    name: 'run',
    summary: 'run the gateway',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  {
    name: 'status',
    summary: 'show the queue, the ledger, and what is wrong',
    load: async (context) => (await import('./status.ts')).statusCommand(await context()),
  },
  {
    name: 'replay',
    summary: 'send stored readings again',
    load: async (context) => (await import('./replay.ts')).replayCommand(await context()),
  },
  {
    name: 'export',
    summary: 'write the local history to a file',
    load: async (context) => (await import('./export.ts')).exportCommand(await context()),
  },
  {
    name: 'dead-letters',
    summary: 'list, retry or purge what a sink refused for good',
    load: async (context) => (await import('./dead-letters.ts')).deadLettersCommand(await context()),
  },
  {
    name: 'check',
    summary: 'validate the configuration, and try it with --online',
    load: async (context) => (await import('./check.ts')).checkCommand(await context()),
  },
  {
    name: 'modbus',
    summary: 'find devices on a Modbus line, read registers',
    load: async (context) => (await import('./modbus.ts')).modbusCommand(await context()),
  },
  {
    name: 'decode',
    summary: 'show what a profile makes of a payload',
    load: async (context) => (await import('./decode.ts')).decodeCommand(await context()),
  },
  {
    name: 'profiles',
    summary: 'list, show and check profiles of devices',
    load: async (context) => (await import('./profiles.ts')).profilesCommand(await context()),
  },
  {
    name: 'simulate',
    summary: 'a realistic meter, or a stand-in for Dynatrace',
    load: async () => (await import('./simulate.ts')).simulateCommand(),
  },
];

const EXAMPLES = `
Examples:
  gateway run                       collect and send, in the foreground
  gateway status                    what is going on; works when nothing runs
  gateway check --online            is the configuration right, does the login work?
  gateway help replay               more about one command

Exit codes: 0 ok, 1 usage, 2 configuration, 3 daemon not running, 4 failing, 5 database newer than this program,
6 another gateway uses this data directory, 70 internal error`;

/**
 * The command line. Only the commands named in the arguments are loaded: the others need not cost a small machine their
 * time and memory, and are here with their name and summary only.
 */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('gateway')
    .description('Brings every smart-meter and PV-inverter reading to Dynatrace, whatever the home network does.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .option('--config <file>', 'configuration file; also after the command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  const context = once(async () => (await import('./system-context.ts')).systemContext());
  for (const { name, summary, load } of COMMANDS) {
    const command = args.includes(name) ? await load(context) : new Command(name);
    program.addCommand(command.summary(summary));
  }
  for (const leaf of leaves(program)) {
    if (!leaf.options.some((option) => option.long === '--config')) {
      leaf.option('--config <file>', 'configuration file (default: gateway.yaml here, then in /etc/gateway)');
    }
  }
  program.hook('preAction', (_, leaf) => {
    const file: unknown = program.getOptionValue('config');
    if (file !== undefined && leaf.getOptionValue('config') === undefined) leaf.setOptionValue('config', file);
  });
  inherit(program, args.includes('--json'));
  return program;
}

function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** Errors are thrown rather than ending the process, and in the form the caller asked for. */
function inherit(command: Command, json: boolean): void {
  command.exitOverride();
  command.configureOutput({
    outputError: (text, write) => {
      const message = text.trim().replace(/^error: /, '');
      const hint = `gateway ${pathOf(command)}--help shows the usage.`;
      write(
        json ? `${JSON.stringify({ error: { message, hint, exitCode: 1 } })}\n` : `error: ${message}\nhint: ${hint}\n`,
      );
    },
  });
  for (const child of command.commands) inherit(child, json);
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)}${command.name()} `;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
