import type { Config } from '../config/config.ts';
import { formatLineAddress, type LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import { lockIsHeld } from '../queue/file/lock.ts';

/**
 * Throws a GatewayError when a running gateway has the line: two masters on one line disturb each other, and the daemon's
 * readings count more than a look.
 */
export function refuseLineInUse(address: LineAddress, loadConfig: () => Config): void {
  const config = configuredOrNull(loadConfig);
  if (config === null || !lockIsHeld(config.dataDir)) return;
  const url = formatLineAddress(address);
  const source = config.sources.find((one) => one.type === 'modbus' && one.url === url);
  if (source === undefined) return;
  throw new GatewayError(`The running gateway reads ${url} (source ${source.name}); a line has one master.`, {
    hint: 'Stop the gateway for the time of the scan, or see its values with `gateway status` and `gateway export`.',
    exitCode: EXIT.alreadyRunning,
  });
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
