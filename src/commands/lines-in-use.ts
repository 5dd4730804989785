/** Two masters on one line disturb each other, and the daemon's readings count more than a look. */
import { lookup } from 'node:dns/promises';
import { accessSync, constants } from 'node:fs';
import type { Config } from '../config/config.ts';
import { formatLineAddress, type LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import { lockIsHeld } from '../queue/file/lock.ts';
import type { CommandContext } from './context.ts';
import { realPathOf } from './serial-ports.ts';

/** The lines that a running gateway reads; none when none runs. */
export class LinesInUse {
  /** By each of a line's identities, the source that reads it. */
  readonly #sources: ReadonlyMap<string, string>;

  private constructor(sources: ReadonlyMap<string, string>) {
    this.#sources = sources;
  }

  /** Throws a GatewayError when a gateway runs whose lines cannot be known. */
  static async find(context: CommandContext, configFile: string | undefined): Promise<LinesInUse> {
    const config = runningConfig(context, configFile);
    const sources = new Map<string, string>();
    for (const source of config?.sources ?? [])
      if (source.type === 'modbus') for (const line of await identitiesOf(source.line)) sources.set(line, source.name);
    return new LinesInUse(sources);
  }

  /** The source by which it reads the line; null when it does not. */
  async userOf(address: LineAddress): Promise<string | null> {
    const identities = await identitiesOf(address);
    return identities.map((line) => this.#sources.get(line)).find((name) => name !== undefined) ?? null;
  }

  /** Throws a GatewayError when it reads the line. */
  async refuse(address: LineAddress): Promise<void> {
    const name = await this.userOf(address);
    if (name === null) return;
    throw new GatewayError(
      `The running gateway reads ${formatLineAddress(address)} (source ${name}); a line has one master.`,
      {
        hint: 'Stop the gateway for the time of the scan, or see its values with `gateway status` and `gateway export`.',
        exitCode: EXIT.alreadyRunning,
      },
    );
  }
}

/** Null when no gateway runs. */
function runningConfig(context: CommandContext, configFile: string | undefined): Config | null {
  const config = configOrFailure(context, configFile);
  if (!(config instanceof GatewayError)) return isHeld(config.dataDir) ? config : null;
  // Who is about to write a configuration has none that loads yet; one that runs may have been changed since.
  const dataDir = context.guessDataDir(configFile);
  if (dataDir === null || !isHeld(dataDir)) return null;
  throw new GatewayError(
    'A gateway runs here, and which lines it reads is not known: its configuration does not load now.',
    {
      hint: 'Mend it (`gateway check` says what is wrong), or stop the gateway for the time of the scan.',
      exitCode: EXIT.alreadyRunning,
      cause: config,
    },
  );
}

function configOrFailure(context: CommandContext, configFile: string | undefined): Config | GatewayError {
  try {
    return context.loadConfig(configFile);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** Throws a GatewayError when this user may not look. */
function isHeld(dataDir: string): boolean {
  try {
    accessSync(dataDir, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (errorCode(error) !== 'EACCES') return false;
    throw new GatewayError(`Whether a gateway runs here cannot be known: ${dataDir}: permission denied.`, {
      hint: 'Run it with sudo, or as the user the gateway runs as.',
      exitCode: EXIT.usage,
      cause: error,
    });
  }
  return lockIsHeld(dataDir);
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

/** The same for all names of a port, such as those in /dev/serial/by-id, and of a host; whatever is spoken there. */
async function identitiesOf(address: LineAddress): Promise<string[]> {
  if (address.kind === 'serial') return [realPathOf(address.path)];
  const { host, port } = address;
  const addresses = await lookup(host, { all: true }).catch(() => [{ address: host.toLowerCase() }]);
  return addresses.map((one) => `${one.address} ${port}`);
}
