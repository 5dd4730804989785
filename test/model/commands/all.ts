import * as fc from 'fast-check';
import { append, appendMuch } from './append.ts';
import { claimAhead, deliverAhead } from './ahead.ts';
import { claim } from './claim.ts';
import { confirmBoot, confirmBootMeanwhile, crashWhileConfirming } from './confirm-boot.ts';
import { crowd } from './crowd.ts';
import { purgeLetters, retryLetters } from './dead-letters.ts';
import { queueReplay } from './replay.ts';
import { restartWith } from './restart.ts';
import { deliver, flush, release, settle } from './settle.ts';
import type { Step } from './step.ts';
import { advance, crashWhileAdvancing, deliverSlowly, pass, stepClock } from './time.ts';

/** How often each comes. Readings and batches are the daily work; the rest is what may befall it. */
const WEIGHTED: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Step>])[] = [
  [10, append],
  [10, deliver],
  [8, claim],
  [5, settle],
  [4, advance],
  [4, deliverSlowly],
  [6, deliverAhead],
  [4, claimAhead],
  [3, pass],
  [5, restartWith],
  [5, confirmBoot],
  [3, queueReplay],
  [5, retryLetters],
  [3, crowd],
  [2, appendMuch],
  [1, confirmBootMeanwhile],
  [1, crashWhileAdvancing],
  [1, crashWhileConfirming],
  [1, flush],
  [1, purgeLetters],
  [1, release],
  [1, stepClock],
];

export function anyCommands(maxCommands: number): fc.Arbitrary<Iterable<Step>> {
  const arbitrary = fc.oneof(...WEIGHTED.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  return fc.commands([arbitrary], { maxCommands, size: 'max' });
}
