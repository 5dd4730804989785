import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config, MqttSourceConfig } from '../../src/config/config.ts';
import type { Variables } from '../../src/config/environment.ts';
import { ConfigError, formatIssue } from '../../src/config/issue.ts';
import { loadConfig } from '../../src/config/load.ts';
import { tempDir } from './temp-dir.ts';

export interface Machine {
  /** Contents by path in the working directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Variables;
  readonly path?: string;
}

/** The configuration of a machine called `pi` with these files and variables; `cwd` is its working directory. */
export function load({ files = {}, env = {}, path }: Machine, cwd = tempDir()): Config {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text, { mode: 0o600 });
  }
  return loadConfig({ env, cwd, hostname: 'pi', systemFolder: join(cwd, 'etc'), path });
}

/** Its first source, which must be one of MQTT. */
export function mqttSourceOf(config: Config): MqttSourceConfig {
  const [source] = config.sources;
  if (source?.type !== 'mqtt') throw new Error(`the first source is of type ${source?.type}`);
  return source;
}

/** What is wrong with it, line by line, with the working directory as `.`; empty when nothing is. */
export function issuesOf(machine: Machine): string[] {
  const cwd = tempDir();
  try {
    load(machine, cwd);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map((issue) => formatIssue(issue).replaceAll(cwd, '.'));
    throw error;
  }
}

/** A gateway.yaml with one source and one sink, with these keys beside what they need. */
export function yaml(source: string, sink = ''): Machine {
  const text = `sources:
  - type: mqtt
${indent(source)}
sinks:
  - type: dynatrace
    url: https://abc12345.live.dynatrace.com
    token: a-token
${indent(sink)}`;
  return { files: { 'gateway.yaml': text } };
}

function indent(keys: string): string {
  return keys
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `    ${line}`)
    .join('\n');
}
