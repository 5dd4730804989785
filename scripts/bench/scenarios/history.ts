import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { assertBalance, assertCounts } from '../assert-balance.ts';
import { startBroker } from '../broker.ts';
import { fillQueue } from '../fill-queue.ts';
import { GatewayDaemon } from '../gateway-daemon.ts';
import type { CommitLatency, CommitLatencyArgument } from '../limits/commit-latency-process.ts';
import type { Program } from '../program.ts';
import { median } from '../results.ts';
import { runLimit } from '../run-limit.ts';
import type { Figure, Scenario } from '../scenario.ts';
import type { Sizes } from '../sizes.ts';
import { sizeText } from '../size-text.ts';
import type { Stage } from '../stage.ts';
import { StandInProcess } from '../stand-in.ts';

/** Almost the seven days that are kept. */
const MINUTES = 10_000;
const DAY_MS = 24 * 3600 * 1000;
const COMMITS = 1_000;

/** How long a person waits with a week of history: for `status`, a planned replay, a day's export, a start. */
export function historyScenario(program: Program, { history }: Sizes): Scenario {
  const { readings, times } = history;
  return {
    name: 'history',
    limitMs: readings.reduce((sum, count) => sum + 240_000 + count / 10, 0),
    run: async (stage) => {
      const figures: Figure[] = [];
      const notes: string[] = [];
      for (const [i, count] of readings.entries()) {
        const measured = await look(stage, program, count, times);
        figures.push(...measured.figures);
        notes.push(measured.note);
        if (i > 0) continue;
        stage.say('committing while it prunes');
        const argument: CommitLatencyArgument = { dataDir: measured.dataDir, commits: COMMITS };
        const { withoutMs, underPruningMs, commits, pruned } = await runLimit<CommitLatency>(
          stage,
          'commit-latency',
          argument,
        );
        figures.push({
          name: 'a commit under pruning, p99',
          unit: 'ms',
          value: underPruningMs,
          limit: { value: withoutMs, goal: { atMost: 2 } },
        });
        notes.push(
          `under pruning: ${commits} commits of ten readings while ${pruned} readings were removed; limit: without`,
        );
      }
      notes.push(
        `medians of ${times}, each the whole process; status: all of it owed, which is the most there can be to add up`,
      );
      return { figures, notes };
    },
  };
}

function took(runs: readonly { readonly tookMs: number }[]): number {
  return median(runs.map(({ tookMs }) => tookMs));
}

/** A process that does nothing: what of the time of a command is not the command's. */
function nodeAloneMs(): number {
  const before = performance.now();
  spawnSync(process.execPath, ['--eval', '0']);
  return performance.now() - before;
}

async function look(
  stage: Stage,
  program: Program,
  count: number,
  times: number,
): Promise<{ figures: Figure[]; note: string; dataDir: string }> {
  const what = sizeText(count);
  const devices = Math.ceil(count / MINUTES);
  const total = devices * MINUTES;
  const dataDir = join(stage.dir, `history-${total}`);
  stage.say(`storing ${total} readings`);
  const untilSeconds = Math.floor(Date.now() / 1000);
  await fillQueue(stage, { dataDir, devices, perDevice: MINUTES, everySeconds: 60, untilSeconds });
  const standIn = await StandInProcess.start(stage, program);
  await standIn.refuse(503);
  const brokerPort = await startBroker(stage);
  const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: standIn.url });
  assertBalance(gateway.report());
  stage.say('asking for the status');
  const answers = Array.from({ length: times }, () => gateway.status());
  for (const { status } of answers) {
    const { storedReadings, pendingReadings } = status.queue;
    assertCounts({ storedReadings, pendingReadings }, { storedReadings: total, pendingReadings: total });
  }
  stage.say('exporting a day');
  const out = join(stage.dir, 'day.csv');
  const exported = gateway.command('export', '--from', '-2d', '--to', '-1d', '--out', out, '--force');
  stage.say('starting and stopping');
  const starts: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = performance.now();
    await gateway.start();
    starts.push(performance.now() - before);
    if (i < times - 1) await gateway.stop();
  }
  // What nobody waits for any more can be replayed.
  await gateway.watch(500, ({ oldestPendingAt }) =>
    (oldestPendingAt ?? Infinity) > Date.now() - 1.1 * DAY_MS ? true : null,
  );
  await gateway.stop();
  stage.say('planning a replay');
  const plans = Array.from({ length: times }, () =>
    gateway.command('replay', '--from', '-3d', '--to', '-2d', '--dry-run', '--json'),
  );
  const bare = median(Array.from({ length: times }, nodeAloneMs));
  return {
    figures: [
      {
        name: `${what}: \`status --json\``,
        unit: 'ms',
        value: took(answers),
        goal: { atMost: 300 },
        limit: { value: bare },
      },
      { name: `${what}: \`replay --dry-run\` of a day`, unit: 'ms', value: took(plans), limit: { value: bare } },
      { name: `${what}: \`export\` of a day`, unit: 's', value: exported.tookMs / 1000 },
      {
        name: `${what}: start to collecting`,
        unit: 'ms',
        value: median(starts),
        goal: { atMost: 1_000 },
        limit: { value: bare },
      },
    ],
    note: `${what}: ${total} readings of ${devices} devices over a week; ${exported.said.trim()}`.replaceAll(
      / to \/\S+/g,
      '',
    ),
    dataDir,
  };
}
