/** One outage between the gateway and Dynatrace, from its begin until everything has been caught up; what every one must show. */
import { expect } from 'vitest';
import type { Status } from '../../src/report/status.ts';
import { unaccounted } from './accounts.ts';
import { AMIS_KEYS } from './amis.ts';
import type { Batch } from './stored-batches.ts';
import { reportFault } from './fault-report.ts';
import type { Installation } from './installation.ts';

export interface Outage {
  /** What is done, in a few words. */
  readonly fault: string;
  readonly begin: (home: Installation) => Promise<void>;
  readonly end: (home: Installation) => Promise<void>;
  readonly lastsMs: number;
  /** What `status` says of the sink meanwhile. */
  readonly state: 'retrying' | 'blocked';
  readonly error: RegExp;
  /** How the gateway is restarted half-way; null: not at all, so that its lanes are the ones that wait. */
  readonly restart: 'SIGTERM' | 'SIGKILL' | null;
  /** From its end until a fresh value has arrived. */
  readonly freshWithinMs: number;
  /** How long one attempt may last until it is given up. */
  readonly attemptMs: number;
  /** From the end of an attempt to the begin of the next. */
  readonly pauseMs: { readonly least: number; readonly most: number };
}

interface Restart {
  readonly fromMono: number;
  readonly untilMono: number;
}

/** Design section 7: a server that gives no HTTP answer is tried every two seconds, with jitter. */
export const UNREACHABLE = { least: 1_500, most: 2_500 } as const;
/** And whoever answers with a page every 15 seconds. */
export const PAGE = { least: 15_000, most: 15_000 } as const;

/** The machine is slow and noisy: what a deadline allows beyond the product's own. */
const NOISE_MS = 6_000;
/** Live, backlog and health when it began; the first of a new process; the quick retry on another connection. */
const EXTRA_ATTEMPTS = 5;
const LIVE_MS = 6 * 60_000;
/** The meter measures once a second. */
const FRESH_MS = 5_000;
const BACKLOG = { fromMinutes: 45, untilMinutes: 7, everySeconds: 5 } as const;

export async function survive(home: Installation, outage: Outage): Promise<void> {
  const { look, meter, stored, toDynatrace } = home;
  await expect.poll(() => stored.batches.length, { timeout: 30_000 }).toBeGreaterThan(0);

  await outage.begin(home);
  const began = performance.now();
  const before = look();
  meter.start();
  await meter.catchUp(BACKLOG.fromMinutes, BACKLOG.untilMinutes, BACKLOG.everySeconds);
  await failureShown(home, outage);
  const restarted = await restart(home, outage);
  expect(unaccounted(look()), outage.fault).toBe(0);
  await elapsed(began + outage.lastsMs);

  await outage.end(home);
  const ended = performance.now();
  const endedAt = Date.now();
  const attempts = toDynatrace.attempts.filter((at) => at > began && at < ended);
  const freshAfterMs = await freshAfter(home, ended, endedAt, outage.freshWithinMs);
  await meter.stop();
  const after = await arrived(home, outage.fault, freshAfterMs);

  expectBounded(outage, attempts, ended - began);
  expectNoLongPause(outage, attempts, restarted);
  expect(after.sinks[0]?.requests ?? Infinity, `${outage.fault}: requests`).toBeLessThanOrEqual(
    (before.sinks[0]?.requests ?? 0) + mostAttempts(outage, ended - began) + stored.batches.length + EXTRA_ATTEMPTS,
  );
  const since = stored.batches.filter(({ mono }) => mono > ended);
  // An attempt may be under way when it ends; and after a restart the health alone gets through, and two lanes begin at once.
  const mayPrecede = outage.restart !== null || outage.attemptMs > outage.pauseMs.most ? 1 : 0;
  expectFreshFirst(since, endedAt, mayPrecede);
}

/** How long after an instant the first value arrived that had been measured by then. */
export async function freshAfter(
  { stored }: Installation,
  mono: number,
  at: number,
  withinMs: number,
): Promise<number> {
  const isFresh = (batch: Batch): boolean => batch.mono > mono && batch.newest > at - FRESH_MS;
  await expect.poll(() => stored.batches.some(isFresh), { timeout: withinMs + NOISE_MS, interval: 50 }).toBe(true);
  return (stored.batches.find(isFresh)?.mono ?? Infinity) - mono;
}

/** Waits until nothing is owed any more; everything that was published must have arrived as it was measured. Stops the gateway. */
export async function arrived(home: Installation, fault: string, freshAfterMs?: number): Promise<Status> {
  const status = await caughtUp(home);
  const { lost, duplicates, foreign } = home.stored.compare(home.meter.published);
  expect(foreign, `${fault}: values that nobody measured`).toBe(0);
  const acknowledged = home.meter.published.length * AMIS_KEYS.length;
  const nothing = { pending: 0, deadLettered: 0, expired: 0, evicted: 0 };
  expect(status.sinks[0]?.ledger, fault).toMatchObject({ accepted: acknowledged, delivered: acknowledged, ...nothing });
  reportFault({
    fault,
    rounds: 1,
    acknowledged,
    lost,
    duplicates,
    unaccounted: unaccounted(status),
    ...(freshAfterMs !== undefined && { freshAfterMs }),
  });
  expect(await home.gateway.stop(), `${fault}: exit code`).toBe(0);
  return status;
}

/** Resolves when all that was published is used and nothing is owed any more. */
export async function caughtUp({ gateway, look, meter }: Installation, timeout = 60_000): Promise<Status> {
  await expect
    .poll(() => ({ used: look().intake.used, pending: look().queue.pendingValues }), { timeout, interval: 200 })
    .toEqual({ used: meter.published.length, pending: 0 });
  return gateway.status();
}

/** Back-off is visible: what failed, and when it is tried again. */
async function failureShown({ look }: Installation, outage: Outage): Promise<void> {
  await expect
    .poll(() => look().sinks[0]?.lastError?.message ?? '', {
      timeout: outage.attemptMs + 10_000 + NOISE_MS,
      interval: 100,
    })
    .toMatch(outage.error);
  const status = look();
  const [sink] = status.sinks;
  expect(sink?.state, outage.fault).toBe(outage.state);
  const untilNextMs = Date.parse(sink?.nextAttemptAt ?? '') - Date.now();
  expect(untilNextMs, `${outage.fault}: until the next attempt`).toBeGreaterThan(-outage.attemptMs - NOISE_MS);
  expect(untilNextMs, `${outage.fault}: until the next attempt`).toBeLessThanOrEqual(outage.pauseMs.most);
  const codes = status.problems.map(({ code }) => code);
  expect(codes, outage.fault).toContain(`sink.${outage.state}`);
}

/** A gateway that is told to stop does so in time, whatever its requests hang on. */
async function restart({ gateway, start }: Installation, outage: Outage): Promise<Restart> {
  const fromMono = performance.now();
  if (outage.restart === null) return { fromMono, untilMono: fromMono };
  if (outage.restart === 'SIGKILL') await gateway.kill();
  else {
    expect(await gateway.stop(), outage.fault).toBe(0);
    expect(performance.now() - fromMono, `${outage.fault}: stopping`).toBeLessThan(10_000 + NOISE_MS);
  }
  await start();
  return { fromMono, untilMono: performance.now() };
}

function mostAttempts({ pauseMs }: Outage, lastedMs: number): number {
  return lastedMs / pauseMs.least + EXTRA_ATTEMPTS;
}

function expectBounded(outage: Outage, attempts: readonly number[], lastedMs: number): void {
  expect(attempts.length, `${outage.fault}: attempts in ${lastedMs} ms`).toBeLessThanOrEqual(
    mostAttempts(outage, lastedMs),
  );
}

/** The pause in which the gateway was restarted tells nothing. */
function expectNoLongPause(outage: Outage, attempts: readonly number[], restarted: Restart): void {
  const { fault, attemptMs, pauseMs } = outage;
  const pauses = attempts
    .slice(1)
    .map((at, i) => ({ from: attempts[i] ?? at, until: at }))
    .filter(({ from, until }) => until < restarted.fromMono || from > restarted.untilMono)
    .map(({ from, until }) => until - from);
  expect(Math.max(0, ...pauses), `${fault}: the longest pause`).toBeLessThan(attemptMs + pauseMs.most + NOISE_MS);
}

/** The newest minutes go first, after so many batches at most; what is older follows with the nearest to its expiry first. */
export function expectFreshFirst(batches: readonly Batch[], endedAt: number, mayPrecede = 0): void {
  const isLive = ({ oldest }: Batch): boolean => oldest > endedAt - LIVE_MS;
  const before = batches.findIndex(isLive);
  expect(before, 'a fresh batch').toBeGreaterThanOrEqual(0);
  expect(before, 'batches of the backlog before the first fresh one').toBeLessThanOrEqual(mayPrecede);
  const backlog = batches.slice(before).filter((batch) => !isLive(batch));
  expect(backlog.length, 'batches of the backlog').toBeGreaterThan(2);
  const oldest = backlog.map((batch) => batch.oldest);
  // Two may be on their way together, and the second one arrive first.
  const early = oldest.filter((at, i) => oldest.slice(i + 2).some((later) => later < at));
  expect(early, `batches of the backlog that went before an older one, of ${oldest.join(', ')}`).toEqual([]);
}

async function elapsed(mono: number): Promise<void> {
  await expect.poll(() => performance.now(), { timeout: 600_000, interval: 100 }).toBeGreaterThanOrEqual(mono);
}
