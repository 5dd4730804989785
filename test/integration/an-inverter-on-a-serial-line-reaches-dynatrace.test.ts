/** The whole way with real parts: pymodbus on a pseudo-terminal, the gateway as a process, and the strict stand-in over HTTP. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { seriesOf, startDynatrace, TOKEN, type StandIn } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { inverterWords } from '../support/inverter-words.ts';
import { lacks } from '../support/needs.ts';
import { PtyPair } from '../support/pty-pair.ts';
import { MODBUS_PEERS, Pymodbus } from '../support/pymodbus.ts';
import { pair } from '../support/register-poll.ts';
import { tempDir } from '../support/temp-dir.ts';

/** 1250 W are bought, 1000 W charge the battery, 12345 kWh were generated. */
const UNITS = {
  1: inverterWords('zcs-hybrid-es', {
    0x0200: 2,
    0x0206: 2_301,
    0x020c: 5_001,
    0x020d: 100,
    0x0210: 55,
    0x0212: 0xff83,
    0x0213: 66,
    ...pair(0x021c, 12_345),
  }),
};

async function scene() {
  const dynatrace = await startDynatrace();
  onTestFinished(() => dynatrace.stop());
  const pty = await PtyPair.create();
  const slave = await Pymodbus.start({ port: pty.slave }, UNITS);
  const gateway = new GatewayProcess({
    dir: tempDir(),
    yaml: `
sources:
  - type: modbus
    name: roof
    url: "serial:${pty.master}"
    interval: 1s
    silentAfter: 10s
    devices: [{ profile: zcs-hybrid-es, device: inverter }]
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`,
  });
  return { dynatrace, pty, slave, gateway };
}

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
      const { dynatrace, gateway, slave } = await scene();
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
      const devices = [{ name: 'inverter', state: 'fault', faults: ['Grid over-voltage'] }];
      await expect.poll(async () => (await gateway.status()).sources[0]?.devices, { timeout: 30_000 }).toEqual(devices);
      const { stdout } = await gateway.command('status');
      expect(stdout).toContain('inverter: fault: Grid over-voltage');
      expect(await gateway.stop()).toBe(0);
    },
  );

  it(
    'may be unplugged: what is pending stays, status says what is wrong, and it goes on by itself',
    { timeout: 180_000 },
    async () => {
      const { dynatrace, gateway, pty, slave } = await scene();
      await gateway.startConnected();
      await dynatrace.offline();
      const read = async (): Promise<number> => (await gateway.status()).sources[0]?.readings ?? 0;
      await expect.poll(read, { timeout: 30_000 }).toBeGreaterThan(3);

      await pty.unplug();
      await slave.stop();
      await expect.poll(async () => (await gateway.status()).sources[0]?.state, { timeout: 30_000 }).toBe('connecting');
      const { readings = 0 } = (await gateway.status()).sources[0] ?? {};
      const problem = { code: 'source.silent', message: expect.stringContaining(pty.master) as string };
      await expect
        .poll(async () => (await gateway.status()).problems, { timeout: 60_000, interval: 1_000 })
        .toEqual(expect.arrayContaining([expect.objectContaining(problem)]));
      const unplugged = await gateway.status();
      expect(unplugged.sources[0]?.readings).toBe(readings);
      expect(unplugged.queue.pendingReadings).toBeGreaterThan(0);
      expect(unbalanced(unplugged)).toEqual([]);

      await pty.plug();
      await Pymodbus.start({ port: pty.slave }, UNITS);
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
      expect(unbalanced(delivered)).toEqual([]);
      expect(delivered.sinks[0]?.ledger).toMatchObject({ expired: 0, evicted: 0, deadLettered: 0 });
      expect(await gateway.stop()).toBe(0);
    },
  );
});
