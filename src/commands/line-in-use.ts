import { realpathSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { formatLineAddress, type LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import { lockIsHeld } from '../queue/file/lock.ts';

/** The source by which a running gateway reads the line; null when none does. */
export function lineUser(address: LineAddress, loadConfig: () => Config): string | null {
  const config = configuredOrNull(loadConfig);
  if (config === null || !lockIsHeld(config.dataDir)) return null;
  const line = identityOf(address);
  const source = config.sources.find((one) => one.type === 'modbus' && identityOf(one.line) === line);
  return source?.name ?? null;
}

/**
 * Throws a GatewayError when a running gateway has the line: two masters on one line disturb each other, and the daemon's
 * readings count more than a look.
 */
export function refuseLineInUse(address: LineAddress, loadConfig: () => Config): void {
  const name = lineUser(address, loadConfig);
  if (name === null) return;
  throw new GatewayError(
    `The running gateway reads ${formatLineAddress(address)} (source ${name}); a line has one master.`,
    {
      hint: 'Stop the gateway for the time of the scan, or see its values with `gateway status` and `gateway export`.',
      exitCode: EXIT.alreadyRunning,
    },
  );
}

/** The same for all names of a port: those in /dev/serial/by-id are links. */
function identityOf(address: LineAddress): string {
  if (address.kind !== 'serial') return formatLineAddress(address);
  try {
    return realpathSync(address.path);
  } catch {
    return address.path;
  }
}

/** Who is about to write a configuration has none that loads yet. */
function configuredOrNull(loadConfig: () => Config): Config | null {
  try {
    return loadConfig();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}
