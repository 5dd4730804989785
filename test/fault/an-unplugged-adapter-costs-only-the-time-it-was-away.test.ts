import { realpathSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { unbalanced } from '../support/gateway-process.ts';
import { inverterAtHome } from '../support/inverter-at-home.ts';
import { lacks } from '../support/needs.ts';
import { PtyPair } from '../support/pty-pair.ts';
import { MODBUS_PEERS } from '../support/pymodbus.ts';

/** A minute in the long run, which is also the longest pause between two attempts to open the port. */
const LASTS_MS = Math.min(60_000, rounds(12_000));

describe.skipIf(lacks(MODBUS_PEERS))('an adapter on a serial line', () => {
  it(
    'may be unplugged, and plugged in again as another device under the same name: what is pending stays, and it goes on by itself',
    within(240_000),
    async () => {
      const { dynatrace, gateway, pty, startInverter } = await inverterAtHome();
      const inverter = await startInverter();
      await gateway.startConnected();
      await dynatrace.offline();
      const read = async (): Promise<number> => (await gateway.status()).sources[0]?.readings ?? 0;
      await expect.poll(read, { timeout: 30_000 }).toBeGreaterThan(3);
      const device = realpathSync(pty.master);

      const began = performance.now();
      await pty.unplug();
      await inverter.stop();
      await expect.poll(async () => (await gateway.status()).sources[0]?.state, { timeout: 30_000 }).toBe('connecting');
      const { readings = 0 } = (await gateway.status()).sources[0] ?? {};
      const problem = { code: 'source.silent', message: expect.stringContaining(pty.master) as string };
      await expect
        .poll(async () => (await gateway.status()).problems, { timeout: 60_000, interval: 1_000 })
        .toEqual(expect.arrayContaining([expect.objectContaining(problem)]));
      await expect
        .poll(() => performance.now() - began, { timeout: 2 * LASTS_MS, interval: 500 })
        .toBeGreaterThan(LASTS_MS);
      const unplugged = await gateway.status();
      expect(unplugged.sources[0]?.readings).toBe(readings);
      expect(unplugged.queue.pendingReadings).toBeGreaterThan(0);
      expect(unbalanced(unplugged)).toEqual([]);

      await pty.plug();
      for (let other = 1; realpathSync(pty.master) === device; other++) {
        await pty.unplug();
        // Takes the number that became free.
        await PtyPair.create(`other-${other}`);
        await pty.plug();
      }
      await startInverter();
      const plugged = performance.now();
      await expect.poll(read, { timeout: 90_000, interval: 500 }).toBeGreaterThan(readings);
      const freshAfterMs = performance.now() - plugged;
      await expect.poll(read, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(readings + 2);
      const back = await gateway.status();
      expect(back.sources[0]?.state).toBe('connected');
      expect(back.queue.pendingReadings).toBeGreaterThan(unplugged.queue.pendingReadings);
      await dynatrace.online();
      await expect
        .poll(async () => (await gateway.status()).sinks[0]?.ledger.delivered ?? 0, {
          timeout: 60_000,
          interval: 1_000,
        })
        .toBeGreaterThanOrEqual(back.sinks[0]?.ledger.accepted ?? Infinity);
      const delivered = await gateway.status();
      expect(delivered.sinks[0]?.ledger).toMatchObject({ expired: 0, evicted: 0, deadLettered: 0 });
      expect(await gateway.stop()).toBe(0);
      reportFault({
        fault: `an adapter is unplugged for ${LASTS_MS / 1000} s`,
        rounds: 1,
        acknowledged: delivered.intake.values,
        lost: 0,
        duplicates: 0,
        unaccounted: unbalanced(delivered).length,
        freshAfterMs,
      });
    },
  );
});
