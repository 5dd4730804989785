import { describe, expect, it } from 'vitest';
import { replay, type ReplayOptions } from '../../../src/commands/replay.ts';
import { HOUR, MINUTE } from '../../../src/model/time.ts';
import type { ReplayPlan, ReplayRequest } from '../../../src/queue/inspector.ts';
import type { ReplayReport } from '../../../src/queue/queue.ts';
import { commandContext, SETTINGS, type Scene } from '../../support/command-context.ts';
import { NOW } from '../../support/queue-report.ts';

process.env['TZ'] = 'UTC';

const PLAN: ReplayPlan = {
  from: NOW - 2 * HOUR,
  to: NOW + MINUTE,
  sinks: [{ sink: 'dynatrace', total: 4_320, asMetrics: 1_980, late: 2_340, tooOld: 0, skippedPending: 60 }],
};
const REPLAY: ReplayReport = {
  id: 7,
  sink: 'dynatrace',
  from: PLAN.from,
  to: PLAN.to,
  total: 4_320,
  asMetrics: 1_980,
  late: 2_340,
  tooOld: 0,
  done: 0,
  state: 'queued',
};
const OPTIONS: ReplayOptions = { from: '-2h', to: 'now' };

describe('gateway replay', () => {
  it('prints the widened range and the plan, queues it, and does not wait in a pipe', async () => {
    const { context, asked } = scene();
    expect(await replay(OPTIONS, context)).toBe(0);
    expect(asked).toMatchObject([
      { from: NOW - 2 * HOUR, to: NOW, wholeMinutes: true, windows: { dynatrace: SETTINGS.sinks[0]?.windows } },
    ]);
    expect(context.out())
      .toBe(`Replay of 2026-11-20 12:00:00 up to 2026-11-20 14:01:00 (2026-11-20T12:00:00.000Z to 2026-11-20T14:01:00.000Z), in values:
  sink       total  as metrics   late  too old  skipped (pending)
  dynatrace  4,320       1,980  2,340        0                 60
Minimum, maximum and average of these minutes stay as they are; sum and count double.
Queued as replay #7 (dynatrace).
It runs beside fresh readings; \`gateway status\` shows how far it is.
`);
  });

  it('writes nothing with --dry-run', async () => {
    const { context, asked } = scene();
    await replay({ ...OPTIONS, dryRun: true, deadLetters: true }, context);
    expect(asked).toEqual([]);
    expect(context.out()).toContain('12 dead-lettered values would be queued again');
  });

  it('says so without a daemon and exits with 0', async () => {
    const { context } = scene({ terminal: true, inspector: { daemonRunning: () => false } });
    expect(await replay(OPTIONS, context)).toBe(0);
    expect(context.out()).toContain('not running');
  });

  it('waits on a terminal with a progress bar until it is done', async () => {
    const states: ReplayReport[] = [
      { ...REPLAY, state: 'running', done: 2_160 },
      { ...REPLAY, state: 'done', done: 4_320 },
    ];
    const { context } = scene({ terminal: true, inspector: { replay: () => states.shift() ?? null } });
    expect(await replay(OPTIONS, context)).toBe(0);
    expect(context.out()).toContain(' 50 %  2,160 of 4,320 values');
    expect(context.out()).toMatch(/100 % .*\nDone\.\n$/);
  });

  it('exits with 4 when the replay failed', async () => {
    const { context } = scene({ terminal: true, inspector: { replay: () => ({ ...REPLAY, state: 'failed' }) } });
    expect(await replay(OPTIONS, context)).toBe(4);
  });

  it('detaches on Ctrl-C: the replay goes on, and it says how to look', async () => {
    const running = { ...REPLAY, state: 'running' as const };
    const { context } = scene({
      terminal: true,
      inspector: { replay: () => running },
      onSleep: () => context.interrupt(),
    });
    expect(await replay(OPTIONS, context)).toBe(0);
    expect(context.out()).toMatch(/Detached.*gateway status/);
  });

  it('stops waiting when the daemon stops', async () => {
    const answers = [true, true, false];
    const { context } = scene({
      terminal: true,
      inspector: { replay: () => REPLAY, daemonRunning: () => answers.shift() ?? false },
    });
    expect(await replay(OPTIONS, context)).toBe(0);
    expect(context.out()).toContain('goes on when it is started');
  });

  it.each([{ wait: false }, { json: true }])('does not wait on a terminal with %j', async (options) => {
    const { context } = scene({ terminal: true });
    expect(await replay({ ...OPTIONS, ...options }, context)).toBe(0);
    expect(context.slept).toEqual([]);
  });

  it('prints one JSON document with --json', async () => {
    const { context } = scene();
    await replay({ ...OPTIONS, json: true, deadLetters: true }, context);
    expect(JSON.parse(context.out())).toEqual({
      from: '2026-11-20T12:00:00.000Z',
      to: '2026-11-20T14:01:00.000Z',
      dryRun: false,
      daemonRunning: true,
      plan: PLAN.sinks,
      deadLetteredValues: 12,
      deadLetteredValuesRetried: 12,
      replays: [{ id: 7, sink: 'dynatrace', total: 4_320, state: 'queued' }],
    });
  });

  it('also retries the dead letters of the resolved range with --dead-letters', async () => {
    const { context, retried } = scene();
    await replay({ ...OPTIONS, deadLetters: true, device: 'grid-meter', sink: 'dynatrace' }, context);
    expect(retried).toEqual([{ from: PLAN.from, to: PLAN.to, device: 'grid-meter', sink: 'dynatrace' }]);
  });

  it('queues nothing when nothing is stored in the range', async () => {
    const empty = { ...PLAN, sinks: PLAN.sinks.map((s) => ({ ...s, total: 0, asMetrics: 0, late: 0 })) };
    const { context, asked } = scene({ inspector: { planReplay: () => empty } });
    expect(await replay(OPTIONS, context)).toBe(0);
    expect(asked).toEqual([]);
    expect(context.out()).toContain('Nothing to replay');
  });

  it.each([
    ['an unknown sink, naming the known ones', { ...OPTIONS, sink: 'dynatracee' }, /configured sinks are: dynatrace\./],
    ['a device of which nothing is stored', { ...OPTIONS, device: 'gird-meter' }, /devices are: grid-meter\./],
    ['an empty range', { from: 'now', to: 'now' }, /ends before --to/],
  ])('refuses %s', async (_, options, hint) => {
    const { context, asked } = scene();
    await expect(replay(options, context)).rejects.toMatchObject({
      exitCode: 1,
      hint: expect.stringMatching(hint),
    });
    expect(asked).toEqual([]);
  });
});

function scene(changes: Scene = {}) {
  const asked: ReplayRequest[] = [];
  const retried: object[] = [];
  const context = commandContext({
    ...changes,
    inspector: {
      devices: () => ['grid-meter'],
      planReplay: () => PLAN,
      queueReplay: (request) => {
        asked.push(request);
        return [REPLAY];
      },
      countDeadLetters: () => ({ letters: 2, values: 12 }),
      retryDeadLetters: (filter) => {
        retried.push(filter);
        return 12;
      },
      ...changes.inspector,
    },
  });
  return { context, asked, retried };
}
