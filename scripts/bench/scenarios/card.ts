import { assertBalance, assertCounts } from '../assert-balance.ts';
import { startBroker } from '../broker.ts';
import { prepareCard } from '../card-file-system.ts';
import { GatewayDaemon } from '../gateway-daemon.ts';
import { amisPayload, deviceName } from '../household.ts';
import { MqttFlood } from '../mqtt-flood.ts';
import type { Program } from '../program.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { StandInProcess } from '../stand-in.ts';

const SECONDS = 60;
const WARM_UP_SECONDS = 5;
const PER_SECOND = 10;
const VALUES = 10;

/** What a reading costs an SD card, delivery included: ten devices, a reading each per second, `linger` at its default of 1 s. */
export function cardScenario(program: Program): Scenario {
  return {
    name: 'card',
    limitMs: 180_000,
    run: async (stage) => {
      const card = prepareCard(stage);
      const standIn = await StandInProcess.start(stage, program);
      const brokerPort = await startBroker(stage);
      const gateway = new GatewayDaemon(stage, program, { dataDir: card.dataDir, brokerPort, sinkUrl: standIn.url });
      await gateway.start();
      await gateway.ready();
      const flood = await MqttFlood.connect(brokerPort);
      await publish(stage, flood, WARM_UP_SECONDS);
      stage.say(`writing ${PER_SECOND} readings/s for ${SECONDS} s`);
      const before = card.writtenBytes(gateway.pid);
      await publish(stage, flood, SECONDS);
      const written = card.writtenBytes(gateway.pid) - before;
      await flood.close();
      const report = gateway.report();
      await gateway.stop();
      assertBalance(report);
      const { readings, values, duplicates } = report.intake;
      const total = PER_SECOND * (SECONDS + WARM_UP_SECONDS);
      assertCounts({ readings, values, duplicates }, { readings: total, values: total * VALUES, duplicates: 0 });
      return {
        figures: [
          {
            name: 'written per reading',
            unit: 'bytes',
            value: written / (PER_SECOND * SECONDS),
            goal: { atMost: 2_500 },
          },
        ],
        notes: [`${PER_SECOND} readings/s for ${SECONDS} s, delivered meanwhile; ${card.how}`],
      };
    },
  };
}

/** Resolves when all is acknowledged, so when all is on disk at the broker's other end as well. */
async function publish(stage: Stage, flood: MqttFlood, seconds: number): Promise<void> {
  const start = performance.now();
  for (let i = 0; i < seconds * PER_SECOND; i++) {
    await stage.sleep(Math.max(0, start + (i * 1000) / PER_SECOND - performance.now()));
    stage.signal.throwIfAborted();
    const device = deviceName(i % PER_SECOND);
    const payload = amisPayload({ device, atSeconds: Math.floor(Date.now() / 1000), n: i });
    await flood.publish([{ topic: `meters/${device}/data`, payload }]);
  }
}
