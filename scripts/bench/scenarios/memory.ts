import { join } from 'node:path';
import { drainBacklog } from '../backlog.ts';
import { startBroker } from '../broker.ts';
import { GatewayDaemon } from '../gateway-daemon.ts';
import { residentBytes } from '../process-facts.ts';
import type { Program } from '../program.ts';
import type { Scenario } from '../scenario.ts';
import { StandInProcess } from '../stand-in.ts';

const MIB = 2 ** 20;
const SETTLE_MS = 10_000;
const DEVICES = 167;

/** How much memory an installation needs: with nothing to do, and at the most while a backlog leaves. */
export function memoryScenario(program: Program): Scenario {
  return {
    name: 'memory',
    limitMs: 300_000,
    run: async (stage) => {
      const standIn = await StandInProcess.start(stage, program);
      const brokerPort = await startBroker(stage);
      const dataDir = join(stage.dir, 'idle');
      const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: standIn.url });
      stage.say('waiting for an idle gateway');
      await gateway.start();
      await Promise.all([gateway.ready(), stage.sleep(SETTLE_MS)]);
      const idle = residentBytes(gateway.pid, 'VmRSS') / MIB;
      await gateway.stop();
      const drained = await drainBacklog(stage, program, { devices: DEVICES, resolution: '1m' });
      const draining = drained.mostResidentBytes / MIB;
      return {
        figures: [
          { name: 'resident, idle', unit: 'MiB', value: idle, goal: { atMost: 125 } },
          { name: 'resident at most, draining', unit: 'MiB', value: draining, goal: { atMost: 180 } },
        ],
        notes: ['idle: VmRSS 10 s after the start, source connected; draining: VmHWM of a process that sent a backlog'],
      };
    },
  };
}
