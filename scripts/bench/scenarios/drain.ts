import { drainBacklog, type Drained } from '../backlog.ts';
import type { Program } from '../program.ts';
import type { Scenario } from '../scenario.ts';

const DEVICES = 167;

/** How fast a backlog leaves once the network is back: folded to minutes, and with `raw` also value by value. */
export function drainScenario(program: Program, raw: boolean): Scenario {
  return {
    name: 'drain',
    limitMs: 300_000,
    run: async (stage) => {
      const folded = await drainBacklog(stage, program, { devices: DEVICES, resolution: '1m' });
      const each = raw ? await drainBacklog(stage, program, { devices: DEVICES, resolution: 'raw' }) : null;
      return {
        figures: [
          {
            name: 'readings delivered, folded',
            unit: 'readings/s',
            value: folded.perSecond,
            goal: { atLeast: 50_000 },
          },
          ...(each === null ? [] : [{ name: 'readings delivered, raw', unit: 'readings/s', value: each.perSecond }]),
        ],
        notes: [`folded: ${describe(folded)}`, ...(each === null ? [] : [`raw: ${describe(each)}`])],
      };
    },
  };
}

function describe(drained: Drained): string {
  const { readings, requests, lines, wireSeconds, gatewayCpuSeconds, standInCpuSeconds } = drained;
  return (
    `${readings} readings, all delivered, the ledger balances; ${lines} lines in ${requests} requests within ` +
    `${wireSeconds.toFixed(2)} s at the stand-in; processor time ${gatewayCpuSeconds.toFixed(1)} s, the stand-in's ${standInCpuSeconds.toFixed(1)} s`
  );
}
