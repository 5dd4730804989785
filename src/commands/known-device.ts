import { closest } from '../config/closest.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { Inspector } from '../queue/inspector.ts';

const MOST_NAMES = 20;

/** Throws a GatewayError (usage) that names the devices there are, when nothing was ever stored of the one that is asked for. */
export function refuseUnknownDevice(device: string | undefined, inspector: Pick<Inspector, 'devices'>): void {
  if (device === undefined) return;
  const names = inspector.devices();
  // Nothing can be misspelt where nothing is stored yet.
  if (names.length === 0 || names.includes(device)) return;
  const meant = closest(device, names);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  throw new GatewayError(
    `nothing was ever stored of a device ${JSON.stringify(device)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    { hint: `The devices are: ${names.slice(0, MOST_NAMES).join(', ')}${more}.`, exitCode: EXIT.usage },
  );
}
