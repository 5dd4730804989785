/** Three devices that are asked over HTTP, by the gateway as a process: an AMIS reader, a Fronius inverter, a Shelly with a password. */
import { expect, it, onTestFinished } from 'vitest';
import { digestServer } from '../support/digest-server.ts';
import { seriesOf, startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The reader has no new frame: the same time, and so the same reading. */
const AMIS = { time: 1_764_600_000, serialnumber: '1234567890123', '1.7.0': 0, '2.7.0': 2000 };
const fronius = (pv: number): unknown => ({
  Head: { Status: { Code: 0 } },
  Body: { Data: { Site: { P_PV: pv, P_Grid: -1900, P_Load: -3100, P_Akku: null } } },
});
const SHELLY = { 'switch:0': { apower: 1000, output: true, aenergy: { total: 4321 } } };

async function device(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer();
  onTestFinished(() => server.stop());
  server.answer(script);
  return server;
}

function answering(path: string, body: () => unknown): Script {
  return (response, seen) =>
    void (seen.path === path
      ? response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body()))
      : response.writeHead(404).end());
}

it(
  'each answer is a reading, and what follows from them for the site stands beside the meter’s',
  { timeout: 90_000 },
  async () => {
    let inverter = fronius(5000);
    const login = digestServer('admin', 'secret');
    const [amis, roof, shelly, locked] = [
      await device(answering('/rest', () => AMIS)),
      await device(answering('/solar_api/v1/GetPowerFlowRealtimeData.fcgi', () => inverter)),
      await device(login.script(JSON.stringify(SHELLY))),
      await device(digestServer('admin', 'another').script('{}')),
    ];
    const dynatrace = await startDynatrace();
    const poll = { type: 'http', interval: '1s', silentAfter: '1h' };
    const gateway = new GatewayProcess({
      dir: tempDir(),
      yaml: JSON.stringify({
        site: { grid: 'grid-meter', pv: ['roof'], chargers: ['boiler'], maxAge: '1h' },
        sources: [
          { ...poll, name: 'inverter', url: roof.url, profile: 'fronius', device: 'roof' },
          {
            ...poll,
            name: 'plug',
            url: shelly.url,
            profile: 'shelly-gen2',
            device: 'boiler',
            username: 'admin',
            password: 'secret',
          },
          {
            ...poll,
            name: 'locked',
            url: locked.url,
            profile: 'shelly-gen2',
            device: 'x',
            username: 'admin',
            password: 'secret',
          },
          {
            ...poll,
            name: 'meter',
            url: `${amis.url}/`,
            profile: 'amis',
            device: 'grid-meter',
            interval: '5s',
          },
        ],
        sinks: [{ type: 'dynatrace', url: dynatrace.url, token: TOKEN, resolution: 'raw', flush: '1s' }],
      }),
    });
    try {
      await gateway.start();
      const last = (key: string, of: string): string | undefined =>
        seriesOf(dynatrace, key, of).at(-1)?.slots.at(-1)?.arrivals.at(-1)?.value;
      await expect
        .poll(() => last('smartmeter.power.active.export', 'grid-meter'), { timeout: 40_000 })
        .toBe('gauge,2');
      await expect.poll(() => last('pv.power', 'roof'), { timeout: 20_000 }).toBe('gauge,5');
      await expect.poll(() => last('smartmeter.power.active.net', 'roof'), { timeout: 20_000 }).toBe('gauge,-1.9');
      await expect.poll(() => last('load.power', 'roof'), { timeout: 20_000 }).toBe('gauge,3.1');
      await expect.poll(() => last('consumer.power.active', 'boiler'), { timeout: 20_000 }).toBe('gauge,1');
      await expect.poll(() => last('consumer.energy.total', 'boiler'), { timeout: 20_000 }).toBe('gauge,4.321');
      expect(seriesOf(dynatrace, 'battery.power')).toEqual([]);
      expect(new Set(login.accepted).size).toBe(login.accepted.length);

      // The frame is the same until it is another: nothing follows from it twice, although the sun has come out.
      const meter = async () => (await gateway.status()).sources.find(({ name }) => name === 'meter');
      const duplicates = async () => (await gateway.status()).intake.duplicates;
      inverter = fronius(6000);
      await expect.poll(() => last('pv.power', 'roof'), { timeout: 20_000 }).toBe('gauge,6');
      const [before, repeats] = [(await meter())?.readings ?? 0, await duplicates()];
      await expect.poll(duplicates, { timeout: 30_000 }).toBeGreaterThan(repeats + 1);
      expect((await meter())?.readings).toBe(before);
      AMIS.time += 60;
      await expect.poll(async () => (await meter())?.readings, { timeout: 20_000 }).toBe(before + 2);
      await expect.poll(() => last('site.consumption', 'site'), { timeout: 20_000 }).toBe('gauge,4');
      await expect.poll(() => last('site.surplus', 'site'), { timeout: 20_000 }).toBe('gauge,3');
      await expect.poll(() => last('site.self_consumption', 'site'), { timeout: 20_000 }).toMatch(/^gauge,66\.67?/);
      expect(last('site.self_sufficiency', 'site')).toBe('gauge,100');

      inverter = { Head: { Status: { Code: 8, Reason: 'not now' } }, Body: { Data: {} } };
      await expect.poll(async () => (await gateway.status()).intake.ignored, { timeout: 20_000 }).toBeGreaterThan(0);
      const status = await gateway.status();
      expect(status.problems).toContainEqual(
        expect.objectContaining({
          code: 'source.failed',
          message: expect.stringMatching(/locked.*refuses the login \(401\)/),
          hint: 'Set `username` and `password` to those of the device.',
        }),
      );
      expect(status.sources.map(({ name, state }) => `${name} ${state}`)).toEqual([
        'inverter connected',
        'plug connected',
        'locked failed',
        'meter connected',
      ]);
      expect(status.intake.refused).toBe(0);
      expect(unbalanced(status)).toEqual([]);
    } finally {
      await gateway.stop();
      await dynatrace.stop();
    }
  },
);
