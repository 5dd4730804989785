import { NETWORK_FAULTS } from '../network-faults.ts';
import type { Program } from '../program.ts';
import { recover } from '../recovery.ts';
import type { Figure, Scenario } from '../scenario.ts';
import type { Sizes } from '../sizes.ts';

const HOME_PER_SECOND = 2.4;
const DRAINED_WITHIN_SECONDS = 2;

/** How soon after the network's return the first fresh point is there, and all that had waited. */
export function recoveryScenario(program: Program, { recovery }: Sizes): Scenario {
  const { perSecond: paces, backlogMinutes, outageSeconds } = recovery;
  return {
    name: 'recovery',
    limitMs: paces.length * NETWORK_FAULTS.length * 180_000,
    run: async (stage) => {
      const figures: Figure[] = [];
      const notes: string[] = [];
      for (const perSecond of paces) {
        for (const fault of NETWORK_FAULTS) {
          const what = `${fault.name}, ${perSecond}/s`;
          if (fault.prepare === null) {
            notes.push(`${what}: not measured: it takes root, ip and nft, unshare and mount`);
            continue;
          }
          stage.say(what);
          const { waited, firstAnswer, firstFresh, drained } = await recover(stage, program, fault, {
            perSecond,
            backlogMinutes,
            outageSeconds,
          });
          figures.push(
            { name: `${what}: first fresh point`, unit: 's', value: firstFresh, goal: { atMost: fault.freshWithin } },
            {
              name: `${what}: drained, from the first answer`,
              unit: 's',
              value: drained - firstAnswer,
              ...(perSecond === HOME_PER_SECOND && { goal: { atMost: DRAINED_WITHIN_SECONDS } }),
            },
            { name: `${what}: drained, from the network's return`, unit: 's', value: drained },
          );
          notes.push(`${what}: ${waited} readings had waited`);
        }
      }
      notes.push(
        `${outageSeconds} s of outage with ${backlogMinutes} min of readings; fresh: of the newest minute that is due; drained: all that was due; what is older than 55 min goes as business events`,
      );
      return { figures, notes };
    },
  };
}
