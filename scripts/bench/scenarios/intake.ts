import type { Program } from '../program.ts';
import type { Figure, Scenario } from '../scenario.ts';
import type { Sizes } from '../sizes.ts';
import { loopDelayFigure } from '../loop-delay-figure.ts';
import { type SupplyKind, type Window, WINDOW_20, WINDOW_256 } from '../message-supply.ts';
import { seenWindow, takeIn } from '../taking-in.ts';

const MIB = 2 ** 20;
const MILLION = 1e6;

const SUPPLIES: readonly (readonly [SupplyKind, Window])[] = [
  ['Mosquitto', WINDOW_20],
  ['Mosquitto', WINDOW_256],
  ['a strict broker', WINDOW_20],
  ['a strict broker', WINDOW_256],
];

/**
 * How fast a queue at the broker becomes readings on disk: durable QoS 1, nothing delivered meanwhile because the sink
 * answers 503. Between 10 % and 90 %, so without the start of the process.
 */
export function intakeScenario(program: Program, { intake }: Sizes): Scenario {
  return {
    name: 'intake',
    limitMs: 1_200_000,
    run: async (stage) => {
      const figures: Figure[] = [];
      const notes: string[] = [];
      for (const [kind, window] of SUPPLIES) {
        const what = `${kind}, window ${window.messages}`;
        const { gateway, raw, insert } = await takeIn(stage, program, kind, window, intake.messages);
        const { asked, seen } = await seenWindow(stage, program, kind, window, intake.throughProxy);
        figures.push(
          {
            name: `${what}: QoS 1 messages on disk`,
            unit: 'messages/s',
            value: gateway.perSecond,
            limit: { value: raw.perSecond, goal: { atLeast: 0.9 } },
          },
          {
            name: `${what}: raw bytes on disk`,
            unit: 'messages/s',
            value: raw.perSecond,
            limit: { value: insert.perSecond },
          },
          {
            name: `${what}: processor time`,
            unit: 's per million',
            value: (gateway.cpuSeconds * MILLION) / gateway.messages,
            limit: { value: (raw.cpuSeconds * MILLION) / gateway.messages },
          },
          {
            name: `${what}: resident at most`,
            unit: 'MiB',
            value: gateway.mostResidentBytes / MIB,
            goal: { atMost: 150 },
          },
          loopDelayFigure(`${what}: event loop late, p99`, gateway.loopDelay),
          { name: `${what}: most unacknowledged`, unit: 'messages', value: seen },
        );
        notes.push(
          `${what}: MQTT ${window.protocol}, ${gateway.messages} messages, none lost, ${gateway.duplicates} brought twice, the ledger balances; the gateway asks for a ` +
            `receive maximum of ${asked ?? 'nothing'}; the raw loop commits ` +
            `${raw.messagesPerCommit.toFixed(0)} messages at once`,
        );
      }
      notes.push(
        'limit: the same MQTT client with as much memory, behind which payloads are only stored as they came; its own limit: payloads that are there already, half a window in a commit; of the event loop: one that does nothing meanwhile',
        'Mosquitto 2.0.11 sends far more ahead than the window; the strict broker is one of ours that keeps to it',
        `most unacknowledged: in a run of its own with ${intake.throughProxy} messages`,
      );
      return { figures, notes };
    },
  };
}
