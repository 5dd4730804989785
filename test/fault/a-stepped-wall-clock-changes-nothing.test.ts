/**
 * The same household twice: once with a right clock, once with a wall clock that is wrong at boot and is stepped under the running
 * gateway, before and after it was confirmed. Commits, requests, back-offs, what becomes late and what expires must be the same,
 * to the millisecond of the monotonic clock.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../../src/model/time.ts';
import { ClockStage, Toll, TRUE_START } from '../support/clock-stage.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { busy, unauthorised } from '../support/fake-sink.ts';

const NETWORKS = ['online', 'offline', 'busy', 'retry-after', 'unauthorised'] as const;
type Network = (typeof NETWORKS)[number];

interface Step {
  /** Of the wall clock, from here on. */
  readonly error: DurationMs;
  readonly network: Network;
  readonly readings: number;
  readonly passMs: DurationMs;
}

const TTL = 10 * MINUTE;
const GRAIN = 10 * SECOND;

/** No two are so near that the step between them could be slewing, and none so small that the wall clock is taken for right. */
const ERROR = fc.oneof(
  fc.constantFrom(0, -14 * DAY, 14 * DAY, -HOUR, HOUR, HOUR - TRUE_START, 3 * MINUTE),
  fc.integer({ min: 18, max: (400 * DAY) / GRAIN }).map((n) => (n % 2 === 0 ? n : -n) * GRAIN),
);
const STEP: fc.Arbitrary<Step> = fc.record({
  error: ERROR,
  network: fc.constantFrom(...NETWORKS),
  readings: fc.integer({ min: 0, max: 3 }),
  passMs: fc.integer({ min: 0, max: 2 * MINUTE }),
});
/** Long enough for what is owed to go late, and for some to expire and to be pruned. */
const OUTAGE: fc.Arbitrary<Step> = STEP.map((step) => ({ ...step, network: 'offline', passMs: TTL + 2 * MINUTE }));
const SHORT = fc.array(STEP, { minLength: 2, maxLength: 6 });
const STEPS = fc.tuple(SHORT, OUTAGE, SHORT).map(([before, outage, after]) => [...before, outage, ...after]);

it(
  'a wall clock that is wrong or stepped delays nothing, hurries nothing and expires nothing',
  within(60_000),
  async () => {
    const toll = new Toll();
    const runs = rounds(3);
    await fc.assert(
      fc.asyncProperty(STEPS, async (steps) => {
        const right = await live(withRightClock(steps));
        const wrong = await live(steps);
        expect(firstDifference(right.trace, wrong.trace)).toBeNull();
        expect(wrong.ledger).toEqual(right.ledger);
        expect(wrong.errors).toEqual([]);
        toll.add(wrong.toll);
      }),
      { numRuns: runs, endOnFailure: true },
    );
    reportFault({ fault: 'wall clock stepped', rounds: runs, ...toll.sums });
  },
);

/** An hour and a half with every kind of network and a reading a minute: some go late. An example that is always tried. */
it('a step of two weeks either way, before and after confirmation, changes nothing', within(60_000), async () => {
  const errors = [14 * DAY, -14 * DAY, 0, -14 * DAY, 14 * DAY, -14 * DAY, 0];
  const networks: Network[] = ['offline', 'offline', 'online', 'retry-after', 'busy', 'offline', 'online'];
  const steps = errors.flatMap((error, i) => {
    const [network = 'online'] = networks.slice(i);
    return Array.from({ length: i === 1 ? 60 : 5 }, () => ({ error, network, readings: 1, passMs: MINUTE }));
  });
  const right = await live(withRightClock(steps), DAY);
  const wrong = await live(steps, DAY);
  expect(firstDifference(right.trace, wrong.trace)).toBeNull();
  expect(wrong.ledger).toEqual(right.ledger);
  expect(wrong.ledger).toMatchObject({ accepted: steps.length, expired: 0 });
  expect(wrong.ledger.late).toBeGreaterThan(5);
  expect(wrong.ledger.delivered).toBeGreaterThan(60);
});

/** Where two lives part: a diff of hundreds of lines tells nobody. */
function firstDifference(right: readonly string[], wrong: readonly string[]): object | null {
  const at = Array.from({ length: Math.max(right.length, wrong.length) }).findIndex((_, i) => right[i] !== wrong[i]);
  return at < 0
    ? null
    : { right: right.slice(Math.max(0, at - 2), at + 3), wrong: wrong.slice(Math.max(0, at - 2), at + 3) };
}

function withRightClock(steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, error: 0 }));
}

/** A life that ends online; the gateway starts under the first step's clock. */
async function live(steps: readonly Step[], ttlMs = TTL) {
  const stage = new ClockStage({ ttlMs, retentionMs: ttlMs });
  stage.boot(steps[0]?.error ?? 0);
  await stage.start();
  for (const { error, network, readings, passMs } of steps) {
    stage.setWallError(error);
    connect(stage, network);
    for (let i = 0; i < readings; i++) {
      stage.measure();
      await stage.pass(2 * SECOND);
    }
    await stage.pass(passMs);
  }
  stage.online();
  await stage.pass(6 * MINUTE);
  const { errors } = stage;
  const ledger = await stage.ledger();
  const toll = await stage.toll();
  await stage.kill();
  // The correction may change which minute it is, so the gateway's health may go twice at that instant.
  const trace = stage.trace.filter((line, i) => line !== stage.trace[i - 1]);
  return { trace, errors, ledger, toll };
}

function connect(stage: ClockStage, network: Network): void {
  if (network === 'online') stage.online();
  else if (network === 'offline') stage.offline();
  else {
    const outcome = { busy: busy(), 'retry-after': busy(90 * SECOND), unauthorised }[network];
    stage.answer = (now) => ({ ...outcome, serverDate: now });
  }
}
