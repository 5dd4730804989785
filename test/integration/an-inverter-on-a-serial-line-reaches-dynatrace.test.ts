/** The whole way with real parts: pymodbus on a pseudo-terminal, the gateway as a process, and the strict stand-in over HTTP. */
import { describe, expect, it } from 'vitest';
import { seriesOf, type StandIn } from '../support/dynatrace.ts';
import { inverterAtHome } from '../support/inverter-at-home.ts';
import { lacks } from '../support/needs.ts';
import { MODBUS_PEERS } from '../support/pymodbus.ts';

/** What the stand-in has of a metric; null where it has none yet. */
function newest(dynatrace: StandIn, key: string): number | null {
  const [series] = seriesOf(dynatrace, key, 'inverter');
  return series?.slots.at(-1)?.max ?? null;
}

describe.skipIf(lacks(MODBUS_PEERS))('an inverter on a serial line', () => {
  it(
    'reaches Dynatrace with its values, units and device, and says in status how it is',
    { timeout: 120_000 },
    async () => {
      const { dynatrace, gateway, startInverter } = await inverterAtHome();
      const slave = await startInverter();
      await gateway.startConnected();
      await expect.poll(() => newest(dynatrace, 'smartmeter.power.active.net'), { timeout: 30_000 }).toBe(1.25);
      expect(newest(dynatrace, 'battery.power')).toBe(1);
      expect(newest(dynatrace, 'load.power')).toBe(0.66);
      expect(newest(dynatrace, 'pv.energy.generated.total')).toBe(12_345);
      const status = await gateway.status();
      expect(status.sources).toMatchObject([
        {
          name: 'roof',
          type: 'modbus',
          state: 'connected',
          devices: [{ name: 'inverter', state: 'normal', faults: [] }],
        },
      ]);
      expect(status.intake).toMatchObject({ refused: 0, ignored: 0, refusedFields: 0 });

      slave.set(1, 3, 0x0200, '00040001');
      const devices = [{ name: 'inverter', state: 'fault', faults: ['Grid over-voltage'], silence: null }];
      await expect.poll(async () => (await gateway.status()).sources[0]?.devices, { timeout: 30_000 }).toEqual(devices);
      const { stdout } = await gateway.command('status');
      expect(stdout).toContain('inverter: fault: Grid over-voltage');

      await slave.stop();
      const silence = async () => (await gateway.status()).sources[0]?.devices[0]?.silence;
      await expect.poll(silence, { timeout: 30_000 }).not.toBeNull();
      expect(Date.parse((await silence())?.since ?? '')).toBeLessThanOrEqual(Date.now());
      expect((await gateway.command('status')).stdout).toContain('inverter: before that: fault: Grid over-voltage');
      expect(await gateway.stop()).toBe(0);
    },
  );
});
