import { join } from 'node:path';
import { assertBalance, assertCounts } from '../assert-balance.ts';
import { fillQueue } from '../fill-queue.ts';
import { GatewayDaemon } from '../gateway-daemon.ts';
import type { Program } from '../program.ts';
import { median } from '../results.ts';
import type { Scenario } from '../scenario.ts';

const DEVICES = 100;
const PER_DEVICE = 10_000;
const TIMES = 5;

/** How long a person waits for `gateway status`: a week of history, all of it owed, which is the most there can be to add up. */
export function statusScenario(program: Program): Scenario {
  return {
    name: 'status',
    limitMs: 300_000,
    run: async (stage) => {
      const total = DEVICES * PER_DEVICE;
      const dataDir = join(stage.dir, 'data');
      stage.say(`storing ${total} readings`);
      const untilSeconds = Math.floor(Date.now() / 1000);
      await fillQueue(stage, { dataDir, devices: DEVICES, perDevice: PER_DEVICE, everySeconds: 60, untilSeconds });
      // Nobody listens there, and nothing is asked to.
      const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort: 1, sinkUrl: 'http://127.0.0.1:1' });
      assertBalance(gateway.report());
      stage.say('asking for the status');
      const answers = Array.from({ length: TIMES }, () => gateway.status());
      for (const { status } of answers) {
        const { storedReadings, pendingReadings } = status.queue;
        assertCounts({ storedReadings, pendingReadings }, { storedReadings: total, pendingReadings: total });
      }
      return {
        figures: [
          {
            name: '`gateway status --json`',
            unit: 'ms',
            value: median(answers.map(({ tookMs }) => tookMs)),
            goal: { atMost: 500 },
          },
        ],
        notes: [`median of ${TIMES}, the whole process, with ${total} readings stored and owed, without a daemon`],
      };
    },
  };
}
