import { closest } from '../config/closest.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { Inspector } from '../queue/inspector.ts';

/** Whatever the clock was when it was stored. */
const ALWAYS = { from: 0, to: Date.UTC(2200, 0) };
const MOST_NAMES = 20;

/** Throws a GatewayError (usage) that names the devices there are, when nothing is stored of the one that is asked for. */
export function refuseUnknownDevice(
  device: string | undefined,
  inspector: Pick<Inspector, 'history' | 'deadLetters'>,
): void {
  if (device === undefined || hasReadings(device, inspector)) return;
  const names = deviceNames(inspector);
  // Nothing can be misspelt where nothing is stored yet.
  if (names.length === 0 || names.includes(device)) return;
  const meant = closest(device, names);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  throw new GatewayError(
    `nothing is stored of a device ${JSON.stringify(device)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    { hint: `The devices are: ${names.slice(0, MOST_NAMES).join(', ')}${more}.`, exitCode: EXIT.usage },
  );
}

function hasReadings(device: string, inspector: Pick<Inspector, 'history'>): boolean {
  for (const page of inspector.history({ ...ALWAYS, device })) if (page.length > 0) return true;
  return false;
}

/** Of all that is stored, sorted. It looks at every reading, which takes seconds at most and only a mistake leads here. */
function deviceNames(inspector: Pick<Inspector, 'history' | 'deadLetters'>): string[] {
  const names = new Set(inspector.deadLetters({}).map(({ device }) => device));
  for (const { origins } of inspector.history(ALWAYS)) for (const { device } of origins) names.add(device);
  return [...names].sort();
}
