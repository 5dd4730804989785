import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { CODED_PROFILES, findProfile, profileFolders, profileNames, readProfile } from '../config/profile-file.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { ProfileData } from '../model/profile-data.ts';
import { table } from '../report/table.ts';
import type { CommandContext } from './context.ts';
import type { Terminal } from './terminal.ts';
import { validProfile } from './valid-profile.ts';

/** Stable: fields are added, never renamed. */
interface Listed {
  readonly name: string;
  /** Null when the file is so wrong that it does not tell. */
  readonly kind: 'payload' | 'registers' | null;
  readonly title: string;
  readonly builtIn: boolean;
  readonly valid: boolean;
}

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** What the profiles that are code are for. */
const CODED_TITLES: Readonly<Record<string, string>> = {
  amis: 'AMIS reader (Siemens TD-3511, TD-3512)',
  json: 'any JSON, with `fields` in the configuration',
};

export function profilesCommand(context: CommandContext): Command {
  return new Command('profiles')
    .description('What payloads and registers mean: the profiles that come with the gateway, and your own.')
    .addHelpText(
      'after',
      `
Your own are YAML files in the folder profiles of the data directory; one with the name of a built-in goes before it.
The name in the file is that of the file: begin with a copy, and change its first line.

Examples:
  gateway profiles list
  gateway profiles show tasmota > data/profiles/my-meter.yaml
  gateway profiles check data/profiles/my-meter.yaml`,
    )
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(checkCommand(context));
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List all profiles.')
    .option('--json', 'for programs')
    .action((options: Options) => {
      const folders = foldersOf(context, options);
      const listed = [
        ...CODED_PROFILES.map((name): Listed => ({
          name,
          kind: 'payload',
          title: CODED_TITLES[name] ?? '',
          builtIn: true,
          valid: true,
        })),
        ...profileNames(folders).map((name) => listedOf(name, folders)),
      ].toSorted((a, b) => (a.kind ?? '').localeCompare(b.kind ?? '') || a.name.localeCompare(b.name));
      context.terminal.stdout.write(
        options.json === true ? `${JSON.stringify(listed, null, 2)}\n` : textOf(listed, context.terminal),
      );
    });
}

function listedOf(name: string, folders: readonly string[]): Listed {
  const file = findProfile(name, folders);
  if (file?.data) {
    const { kind, title } = file.data;
    return { name, kind, title, builtIn: file.builtIn, valid: true };
  }
  const path = file?.path ?? `${name}.yaml`;
  return { name, kind: null, title: `cannot be used: gateway profiles check ${path}`, builtIn: false, valid: false };
}

const TRANSPORTS = { payload: 'MQTT, HTTP', registers: 'Modbus' };

function textOf(listed: readonly Listed[], terminal: Terminal): string {
  const columns = ['name', 'for', 'from', 'devices'].map((title) => ({ title, align: 'left' as const }));
  const rows = listed.map(({ name, kind, title, builtIn }) => [
    name,
    kind === null ? '?' : TRANSPORTS[kind],
    builtIn ? 'built in' : 'yours',
    title,
  ]);
  return `${table(columns, rows, { indent: 0, width: terminal.width(), heading: terminal.palette.bold }).join('\n')}\n`;
}

function showCommand(context: CommandContext): Command {
  return new Command('show')
    .description('Print a profile as its file has it.')
    .argument('<name>', 'its name')
    .option('--json', 'for programs: complete, with every default')
    .action((name: string, options: Options) => {
      const file = findProfile(name, foldersOf(context, options));
      if (file === null) {
        throw new GatewayError(
          CODED_PROFILES.includes(name) ? `${name} is code and has no file` : `there is no profile ${name}`,
          {
            hint: 'See `gateway profiles list`.',
            exitCode: EXIT.usage,
          },
        );
      }
      const text =
        options.json === true ? `${JSON.stringify(validProfile(file), null, 2)}\n` : readFileSync(file.path, 'utf8');
      context.terminal.stdout.write(text);
    });
}

function checkCommand(context: CommandContext): Command {
  return new Command('check')
    .description('Check a profile file, and list everything that is wrong with it.')
    .argument('<file>', 'a YAML file')
    .option('--json', 'for programs')
    .action((path: string, options: Options) => {
      const data = validProfile(readProfile(resolve(path)));
      const summary = { name: data.name, kind: data.kind, quantities: quantitiesOf(data) };
      const text =
        options.json === true ? JSON.stringify(summary) : `${path} is right: ${summary.quantities.join(', ')}`;
      context.terminal.stdout.write(`${text}\n`);
    });
}

function quantitiesOf(data: ProfileData): string[] {
  const quantities =
    data.kind === 'payload'
      ? data.rules.flatMap(({ value, fields }) => [value, ...fields].map((field) => field?.quantity ?? null))
      : [...data.registers, ...data.models.flatMap(({ points }) => points)].map(({ quantity }) => quantity);
  return [...new Set(quantities.filter((quantity) => quantity !== null))].sort();
}

/** A configuration that does not load must not keep anybody from writing a profile. */
function foldersOf(context: CommandContext, { config }: Options): readonly string[] {
  return profileFolders(context.guessDataDir(config) ?? '.');
}
