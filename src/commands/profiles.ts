import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { ConfigError } from '../config/issue.ts';
import { findProfile, profileFolders, profileNames, readProfile, type ProfileFile } from '../config/profile-file.ts';
import { createProfile } from '../devices/registry.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { ProfileData } from '../model/profile-data.ts';
import { table } from '../report/table.ts';
import type { CommandContext } from './context.ts';
import type { Terminal } from './terminal.ts';

interface Listed {
  readonly name: string;
  readonly kind: 'payload' | 'registers';
  readonly title: string;
  readonly builtIn: boolean;
}

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** Profiles that are code, as the list shows them. */
const CODED: readonly Listed[] = [
  { name: 'amis', kind: 'payload', title: 'AMIS reader (Siemens TD-3511, TD-3512)', builtIn: true },
  { name: 'json', kind: 'payload', title: 'any JSON, with `fields` in the configuration', builtIn: true },
];

export function profilesCommand(context: CommandContext): Command {
  return new Command('profiles')
    .description('What payloads and registers mean: the profiles that come with the gateway, and your own.')
    .addHelpText(
      'after',
      `
Your own are YAML files in the folder profiles of the data directory; one with the name of a built-in goes before it.

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
        ...CODED,
        ...profileNames(folders).flatMap((name) => {
          const file = findProfile(name, folders);
          return file?.data ? [{ name, kind: file.data.kind, title: file.data.title, builtIn: file.builtIn }] : [];
        }),
      ].toSorted((a, b) => a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name));
      context.terminal.stdout.write(
        options.json === true ? `${JSON.stringify(listed, null, 2)}\n` : textOf(listed, context.terminal),
      );
    });
}

function textOf(listed: readonly Listed[], terminal: Terminal): string {
  const columns = ['name', 'for', 'from', 'devices'].map((title) => ({ title, align: 'left' as const }));
  const rows = listed.map(({ name, kind, title, builtIn }) => [
    name,
    kind === 'payload' ? 'MQTT, HTTP' : 'Modbus',
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
        const coded = CODED.some((one) => one.name === name);
        throw new GatewayError(coded ? `${name} is code and has no file` : `there is no profile ${name}`, {
          hint: 'See `gateway profiles list`.',
          exitCode: EXIT.usage,
        });
      }
      const text =
        options.json === true ? `${JSON.stringify(valid(file), null, 2)}\n` : readFileSync(file.path, 'utf8');
      context.terminal.stdout.write(text);
    });
}

function checkCommand(context: CommandContext): Command {
  return new Command('check')
    .description('Check a profile file, and list everything that is wrong with it.')
    .argument('<file>', 'a YAML file')
    .option('--json', 'for programs')
    .action((path: string, options: Options) => {
      const data = valid(readProfile(resolve(path)));
      if (data.kind === 'payload') createProfile({ name: data.name, data }, {});
      const summary = { name: data.name, kind: data.kind, quantities: quantitiesOf(data) };
      const text =
        options.json === true ? JSON.stringify(summary) : `${path} is right: ${summary.quantities.join(', ')}`;
      context.terminal.stdout.write(`${text}\n`);
    });
}

/** Throws a ConfigError that lists every issue. */
function valid(file: ProfileFile): ProfileData {
  if (file.data === null) throw new ConfigError(file.path, file.issues);
  return file.data;
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
