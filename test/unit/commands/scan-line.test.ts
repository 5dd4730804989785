import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { longestSilenceMs, scanLine } from '../../../src/commands/scan-line.ts';
import { findProfile, profileFolders, profileNames } from '../../../src/config/profile-file.ts';
import { SECOND, type DurationMs, type MonoMs } from '../../../src/model/time.ts';
import type { Clock } from '../../../src/platform/clock.ts';
import { freePort } from '../../support/free-port.ts';

const FOLDERS = profileFolders('no-such-directory');
const PROFILES = profileNames(FOLDERS).flatMap((name) => {
  const data = findProfile(name, FOLDERS)?.data;
  return data?.kind === 'registers' ? [data] : [];
});

/** On which whoever sleeps has slept at once. */
class LeapingClock implements Clock {
  #mono: MonoMs = 0;

  wallMs(): number {
    return this.#mono;
  }

  monoMs(): MonoMs {
    return this.#mono;
  }

  async sleep(ms: DurationMs, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted !== true) this.#mono += ms;
    await setImmediate();
  }
}

/** The port of a device that takes connections and says nothing. */
async function mute(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  const port = await freePort();
  await new Promise((resolve) => void server.listen(port, '127.0.0.1', () => resolve(null)));
  onTestFinished(() => void server.close());
  return port;
}

it.each([
  ['tcp', [1, 2, 3], 1_000],
  ['tcp', [1, 2, 3, 71, 126, 200, 240, 247], 1_000],
  ['tcp', [1], 25_000],
  ['rtu-tcp', [1, 2, 3], 1_000],
] as const)('takes as long as it was said when nobody answers: %s, units %j, %i ms', async (kind, units, timeoutMs) => {
  const address = { kind, host: '127.0.0.1', port: await mute() };
  const scan = { address, bauds: [], parity: 'none', units, logger: null, timeoutMs, profiles: PROFILES } as const;
  const clock = new LeapingClock();
  const found: string[] = [];
  for await (const [{ detection }] of scanLine(scan, clock)) found.push(detection.kind);
  expect(found).toEqual(units.map(() => 'silent'));
  const took = clock.monoMs();
  expect(longestSilenceMs(scan)).toBeGreaterThanOrEqual(took);
  expect(longestSilenceMs(scan)).toBeLessThanOrEqual(took + 2 * SECOND);
});
