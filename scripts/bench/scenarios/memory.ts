import { join } from 'node:path';
import { drainBacklog } from '../backlog.ts';
import { startBroker } from '../broker.ts';
import { CountingSink } from '../counting-sink.ts';
import { GatewayDaemon } from '../gateway-daemon.ts';
import { loopDelayFigure } from '../loop-delay-figure.ts';
import { WINDOW_256 } from '../message-supply.ts';
import { cpuSeconds, residentBytes } from '../process-facts.ts';
import type { Program } from '../program.ts';
import type { Scenario } from '../scenario.ts';
import type { Sizes } from '../sizes.ts';
import { takeIn } from '../taking-in.ts';

const MIB = 2 ** 20;
const MILLION = 1e6;

/** How much memory and processor time an installation needs: with nothing to do, taking in, and while a backlog leaves. */
export function memoryScenario(program: Program, { memory, intake, drain }: Sizes): Scenario {
  return {
    name: 'memory',
    limitMs: 900_000,
    run: async (stage) => {
      const sink = await CountingSink.start(stage);
      const brokerPort = await startBroker(stage);
      const dataDir = join(stage.dir, 'idle');
      const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: sink.url });
      stage.say('waiting for an idle gateway');
      await gateway.start();
      await gateway.ready();
      gateway.resetLoopDelay();
      await stage.sleep(memory.settleSeconds * 1000);
      const cpuBefore = cpuSeconds(gateway.pid);
      await stage.sleep(memory.settleSeconds * 1000);
      const idle = residentBytes(gateway.pid, 'VmRSS') / MIB;
      const idleCpu = (cpuSeconds(gateway.pid) - cpuBefore) / memory.settleSeconds;
      await gateway.stop();
      const { gateway: taken } = await takeIn(stage, program, 'Mosquitto', WINDOW_256, intake.messages);
      const drained = await drainBacklog(stage, program, {
        readings: memory.readings,
        resolution: '1m',
        atMostSeconds: drain.atMostSeconds,
      });
      return {
        figures: [
          { name: 'resident, idle', unit: 'MiB', value: idle, goal: { atMost: 110 } },
          {
            name: 'resident at most, taking in',
            unit: 'MiB',
            value: taken.mostResidentBytes / MIB,
            goal: { atMost: 150 },
          },
          {
            name: 'resident at most, draining',
            unit: 'MiB',
            value: drained.mostResidentBytes / MIB,
            goal: { atMost: 150 },
          },
          { name: 'processor time, idle', unit: '% of a core', value: idleCpu * 100 },
          {
            name: 'processor time, taking in',
            unit: 's per million',
            value: (taken.cpuSeconds * MILLION) / taken.messages,
          },
          {
            name: 'processor time, draining',
            unit: 's per million',
            value: (drained.cpuSeconds * MILLION) / drained.delivered,
          },
          loopDelayFigure('event loop late, p99, idle', gateway.loopDelay),
          loopDelayFigure('event loop late, p99, taking in', taken.loopDelay),
          loopDelayFigure('event loop late, p99, draining', drained.loopDelay),
        ],
        notes: [
          'limit of the event loop: one that does nothing meanwhile',
          `idle: VmRSS ${2 * memory.settleSeconds} s after the start, MQTT source connected; else VmHWM of the process`,
          `taking in ${taken.messages} messages, window 256; draining ${drained.delivered} of ${drained.total} readings, folded; what the drain of more takes, the scenario drain says`,
        ],
      };
    },
  };
}
