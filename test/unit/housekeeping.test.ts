import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Housekeeping, type HousekeepingParts } from '../../src/housekeeping.ts';
import type { Problem } from '../../src/model/problem.ts';
import { DAY, MINUTE, SECOND } from '../../src/model/time.ts';
import { BelievedClock } from '../../src/platform/believed-clock.ts';
import type { QueueReport } from '../../src/queue/queue.ts';
import type { SourceState } from '../../src/report/state.ts';
import type { Source, SourceStatus } from '../../src/sources/source.ts';
import { REPORT, SUMMARY } from '../support/queue-report.ts';
import { silentLog } from '../support/silent-log.ts';
import { fakeSystemdNotify } from '../support/fake-systemd-notify.ts';
import { tempDir } from '../support/temp-dir.ts';
import { SteppedClock } from '../support/stepped-clock.ts';

/** The wall clock at the start: never set, so that no time service of this machine confirms it. */
const NEVER_SET = Date.UTC(2001, 0, 1);
const TRUE_TIME = Date.UTC(2026, 10, 20, 14);

interface Put {
  readonly key: string;
  readonly value: unknown;
  readonly withinMs: number;
}

const INVERTER = { name: 'inverter', state: 'normal', faults: [] };
const SAFE: Problem = { code: 'safe.mode', message: 'It only collects.', hint: 'Look in the log.' };

let stop = (): Promise<void> => Promise.resolve();
afterEach(async () => {
  await stop();
  vi.unstubAllEnvs();
});

describe('what the daemon says of itself', () => {
  it('is said at once after the start, so that the beat of the run before is not taken for its own', async () => {
    const { puts } = await started();
    expect(puts.find(({ key }) => key === 'daemon')?.withinMs).toBe(0);
  });

  it('is said anew, with the right start, as soon as a wrong clock is corrected', async () => {
    const { puts, machine, clock } = await started();
    await machine.advance(4 * SECOND);
    clock.observeServerDate('dynatrace', TRUE_TIME, machine.monoMs());
    await machine.advance(2 * SECOND);
    expect(puts.findLast(({ key }) => key === 'daemon')?.value).toMatchObject({
      startedAt: TRUE_TIME - 4 * SECOND,
      beatAt: TRUE_TIME + 2 * SECOND,
    });
  });

  it('is not said while the queue gives no answer', async () => {
    const { puts, machine, queue } = await started();
    queue.hangs = true;
    const before = puts.filter(({ key }) => key === 'daemon').length;
    await machine.advance(5 * MINUTE);
    expect(puts.filter(({ key }) => key === 'daemon')).toHaveLength(before);
    queue.release();
  });

  it('is said anew as soon as it is in safe mode no more', async () => {
    const { puts, problems, machine } = await started([SAFE]);
    expect(puts.find(({ key }) => key === 'daemon')?.value).toMatchObject({ problems: [SAFE] });
    problems.length = 0;
    await machine.advance(2 * SECOND);
    expect(puts.findLast(({ key }) => key === 'daemon')?.value).toMatchObject({ problems: [] });
  });
});

it('the sources it was started with are said with it', async () => {
  const { puts } = await started();
  expect(puts.find(({ key }) => key === 'daemon')?.value).toMatchObject({ sources: ['meter'] });
});

it('what cannot be right about the site is said with it', async () => {
  const turned: Problem = { code: 'site.sign', message: 'Less than nothing.', hint: 'Turn the clamp.' };
  const { puts } = await started([], [turned]);
  expect(puts.find(({ key }) => key === 'daemon')?.value).toMatchObject({ problems: [turned] });
});

it('what keeps readings from being stored is said as a failing disk, whatever the reason', async () => {
  const { puts } = await started([], [], 'database is locked');
  expect(puts.find(({ key }) => key === 'daemon')?.value).toMatchObject({
    problems: [{ code: 'disk.failing', message: expect.stringContaining('(database is locked)') as string }],
  });
});

describe('a dispatcher that hangs', () => {
  it('ends the process, to be started again', async () => {
    const { dispatcher, hangs, machine } = await started();
    dispatcher.stalledMs = 4 * MINUTE;
    await machine.advance(MINUTE);
    expect(hangs).toEqual([]);
    dispatcher.stalledMs = 6 * MINUTE;
    await machine.advance(MINUTE);
    expect(hangs).toEqual([expect.stringContaining('the dispatcher hangs') as string]);
  });

  it('is not one that was paused together with the whole process', async () => {
    const { dispatcher, hangs, machine } = await started();
    dispatcher.stalledMs = 6 * MINUTE;
    await machine.advance(2 * SECOND);
    dispatcher.stalledMs = 0;
    await machine.advance(MINUTE);
    expect(hangs).toEqual([]);
  });
});

describe('systemd', () => {
  it('is told that it lives while it makes progress', async () => {
    const { machine, told } = await watched();
    await expect
      .poll(async () => {
        await passes(machine, 20 * SECOND);
        return told();
      })
      .toBeGreaterThan(1);
  });

  it.for(['the queue gives no answer', 'the dispatcher hangs'])('is told nothing while %s', async (what) => {
    const { machine, told, queue, dispatcher } = await watched();
    queue.hangs = what === 'the queue gives no answer';
    dispatcher.stalledMs = what === 'the dispatcher hangs' ? 6 * MINUTE : 0;
    await passes(machine, 2 * MINUTE);
    expect(told()).toBe(0);
    queue.release();
  });
});

describe('a device that has fallen silent', () => {
  it('is told with the time of its last answer, once, and anew when the clock was corrected', async () => {
    const source = new FallenSilent();
    const { puts, machine, clock } = await started([], [], null, [source]);
    const told = () => puts.filter(({ key }) => key === 'source:roof').map(({ value }) => silenceOf(value));
    const since = machine.wallMs();
    await machine.advance(4 * SECOND);
    source.sinceMono = machine.monoMs() - 4 * SECOND;
    await machine.advance(MINUTE);
    expect(told()).toEqual([null, { since, reason: 'asleep' }]);
    machine.step(3);
    await machine.advance(MINUTE);
    expect(told()).toHaveLength(2);
    clock.observeServerDate('dynatrace', TRUE_TIME, machine.monoMs());
    await machine.advance(MINUTE);
    expect(told().slice(2)).toEqual([{ since: TRUE_TIME - 2 * MINUTE - 4 * SECOND, reason: 'asleep' }]);
  });
});

/** A line with one device that told its state. */
class FallenSilent implements Pick<Source, 'name' | 'type' | 'status'> {
  readonly name = 'roof';
  readonly type = 'modbus';
  sinceMono: number | null = null;

  status(): SourceStatus {
    const silences =
      this.sinceMono === null ? [] : [{ device: 'inverter', sinceMono: this.sinceMono, reason: 'asleep' }];
    return { state: 'connected', detail: null, problems: [], silences };
  }
}

function silenceOf(document: unknown): unknown {
  return (document as SourceState).devices?.[0]?.silence;
}

async function started(
  problems: Problem[] = [],
  siteProblems: readonly Problem[] = [],
  failure: string | null = null,
  sources: HousekeepingParts['sources'] = [],
) {
  const machine = new SteppedClock(NEVER_SET);
  const clock = new BelievedClock({ clock: machine, buildDate: TRUE_TIME - DAY, newestStored: null, log: silentLog });
  const queue = new AnsweringQueue();
  const dispatcher = { stalledMs: 0 };
  const hangs: string[] = [];
  const housekeeping = new Housekeeping({
    config: { warnings: [] },
    summary: SUMMARY,
    queue,
    clock,
    machineClock: machine,
    intake: { failure, problems: () => [], siteProblems: () => [...siteProblems], devices: () => [INVERTER] },
    dispatcher,
    safeMode: { problems: () => problems },
    sources,
    log: silentLog,
    onHang: (error) => hangs.push(error.message),
  });
  stop = () => housekeeping.stop();
  await housekeeping.start();
  return { puts: queue.puts, queue, dispatcher, hangs, problems, machine, clock };
}

class AnsweringQueue {
  readonly puts: Put[] = [];
  hangs = false;
  readonly #released = Promise.withResolvers<void>();

  putState(key: string, value: unknown, withinMs: number): void {
    this.puts.push({ key, value, withinMs });
  }

  async report(): Promise<QueueReport> {
    if (this.hangs) await this.#released.promise;
    return REPORT;
  }

  release(): void {
    this.#released.resolve();
  }
}

/** Started under a systemd that wants a sign of life within half a minute. */
async function watched() {
  const dir = tempDir();
  const socket = join(dir, 'told');
  fakeSystemdNotify(dir);
  vi.stubEnv('PATH', `${dir}:${process.env['PATH'] ?? ''}`);
  vi.stubEnv('NOTIFY_SOCKET', socket);
  vi.stubEnv('WATCHDOG_USEC', String(30_000_000));
  const scene = await started();
  return { ...scene, told: () => livesTold(socket) };
}

/** How often systemd was told that the gateway lives. */
function livesTold(file: string): number {
  return existsSync(file) ? readFileSync(file, 'utf8').split('WATCHDOG=1').length - 1 : 0;
}

/** Lets time pass in steps in which the notifying program, a real process, can end. */
async function passes(machine: SteppedClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 2 * SECOND) {
    await machine.advance(2 * SECOND);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
