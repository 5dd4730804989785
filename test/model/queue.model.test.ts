/**
 * Commands in any order, done to the queue and to arrays, which must agree in every row and every count after each. The short run
 * has the same seeds every time; a longer one (GATEWAY_FAULT_TIMES) adds new ones. A failure names its seed: put it, with
 * the first number of the path, into regressions.ts.
 */
import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLAIM_BOUNDS, type ClaimBounds } from '../../src/queue/work/item-limit.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { anyCommands } from './commands/all.ts';
import { begin } from './commands/restart.ts';
import { QueueModel } from './queue.model.ts';
import { RealQueue } from './real-queue.ts';
import { REGRESSIONS } from './regressions.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];
const RUNS_A_SEED = 25;
const MAX_COMMANDS = 120;
const SHRINK_FOR_MS = 60_000;

const KIB = 1024;
const ROOMY = 64 * KIB ** 2;
/** An empty queue takes about 140 KiB of it. */
const SMALL = 256 * KIB;

/** Minutes of a few readings are too large to be claimed whole. */
const TIGHT = { values: 12, lines: 6 };

const did = { steps: 0, readings: 0, ahead: 0, disagreements: 0 };

const anyRun = fc.asyncProperty(
  fc.constantFrom(ROOMY, ROOMY, SMALL),
  fc.constantFrom(CLAIM_BOUNDS, TIGHT),
  anyCommands(MAX_COMMANDS),
  async (budgetBytes, claimBounds, commands) => {
    const real = new RealQueue(budgetBytes, claimBounds);
    try {
      fc.modelRun(() => begin(real), commands);
    } catch (error) {
      did.disagreements++;
      throw error;
    } finally {
      did.steps += real.did.steps;
      did.readings += real.did.readings;
      did.ahead += real.did.ahead;
      real.end();
    }
    await setImmediate();
  },
);

describe('the queue agrees with arrays in every row and every count', () => {
  it.for(REGRESSIONS)('where once $found', within(30_000), async ({ seed, run }) => {
    expect(await disagreement({ seed, path: String(run), numRuns: 1 })).toBeNull();
  });

  const seeds = Array.from({ length: rounds(SEEDS.length) }, (_, i) => SEEDS[i] ?? randomInt(2 ** 31));
  it.for(seeds)('whatever is done to it in whatever order: seed %i', { timeout: 180_000 }, async (seed) => {
    expect(await disagreement({ seed, numRuns: RUNS_A_SEED })).toBeNull();
  });

  it('and has accounted for all it took over', () => {
    const { steps, readings, ahead, disagreements } = did;
    expect(readings).toBeGreaterThan(1_000);
    expect(ahead).toBeGreaterThan(100);
    reportFault({
      fault: 'random operations on the queue',
      rounds: steps,
      acknowledged: readings,
      lost: 0,
      duplicates: 0,
      unaccounted: disagreements,
    });
  });
});

/** What fast-check has to tell of a run that failed, shrunk as far as it comes in a minute; null when none did. */
async function disagreement(
  parameters: fc.Parameters<[number, ClaimBounds, Iterable<fc.Command<QueueModel, RealQueue>>]>,
): Promise<string | null> {
  const found = await fc.check(anyRun, { ...parameters, endOnFailure: true, includeErrorInReport: true });
  const { counterexamplePath: path } = found;
  if (path === null) return null;
  const shrunk = await fc.check(anyRun, {
    seed: found.seed,
    path,
    numRuns: 1,
    interruptAfterTimeLimit: SHRINK_FOR_MS,
    includeErrorInReport: true,
  });
  return fc.defaultReportMessage(shrunk.counterexample === null ? found : shrunk) ?? null;
}
