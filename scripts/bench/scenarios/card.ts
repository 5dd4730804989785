import { assertBalance, assertCounts } from '../assert-balance.ts';
import { startBroker } from '../broker.ts';
import { prepareCard } from '../card-file-system.ts';
import { GatewayDaemon } from '../gateway-daemon.ts';
import { amisPayload, deviceName, readings } from '../household.ts';
import { MqttFlood } from '../mqtt-flood.ts';
import type { Program } from '../program.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { StandInProcess } from '../stand-in.ts';

/** Enough for the write-ahead log to be used a second time: before, each commit also makes the file longer. */
const WARM_UP = { devices: 100, perDevice: 400, everySeconds: 5 };
/** What is left of the warm-up is sent meanwhile. */
const SETTLE_MS = 10_000;
const PER_SECOND = 10;
const VALUES = 10;

/** What a reading costs an SD card, delivery included: ten devices, a reading each per second, `linger` at its default of 1 s. */
export function cardScenario(program: Program, seconds: number): Scenario {
  return {
    name: 'card',
    limitMs: 180_000 + seconds * 1000,
    run: async (stage) => {
      const card = prepareCard(stage);
      const standIn = await StandInProcess.start(stage, program);
      const brokerPort = await startBroker(stage);
      const gateway = new GatewayDaemon(stage, program, { dataDir: card.dataDir, brokerPort, sinkUrl: standIn.url });
      await gateway.start();
      await gateway.ready();
      const flood = await MqttFlood.connect(brokerPort);
      stage.say('warming up');
      await flood.publish(warmUp());
      const warm = WARM_UP.devices * WARM_UP.perDevice;
      await stored(gateway, warm);
      await stage.sleep(SETTLE_MS);
      stage.say(`writing ${PER_SECOND} readings/s for ${seconds} s`);
      const before = card.writtenBytes(gateway.pid);
      await publish(stage, flood, seconds);
      const total = warm + PER_SECOND * seconds;
      await stored(gateway, total);
      const written = card.writtenBytes(gateway.pid) - before;
      await flood.close();
      const report = gateway.report();
      await gateway.stop();
      assertBalance(report);
      const { messages, values, duplicates } = report.intake;
      assertCounts({ messages, values, duplicates }, { messages: total, values: total * VALUES, duplicates: 0 });
      return {
        figures: [
          {
            name: 'written per reading',
            unit: 'bytes',
            value: written / (PER_SECOND * seconds),
            goal: { atMost: 2_500 },
          },
        ],
        notes: [
          `${PER_SECOND} readings/s for ${seconds} s, delivered meanwhile; ${card.how}`,
          'SQLite folds its log into the file about every 1,000 pages: in 60 s perhaps once, perhaps not',
        ],
      };
    },
  };
}

/** Measured some minutes ago, so that it is sent at once. */
function* warmUp(): Generator<{ topic: string; payload: string }> {
  const { devices, perDevice, everySeconds } = WARM_UP;
  for (const reading of readings(devices, perDevice, everySeconds, Math.floor(Date.now() / 1000) - 120)) {
    yield { topic: `meters/${reading.device}/data`, payload: amisPayload(reading) };
  }
}

/** Resolves when the broker has everything. */
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

async function stored(gateway: GatewayDaemon, count: number): Promise<void> {
  await gateway.watch(100, ({ intake }) => (intake.readings >= count ? true : null));
}
