import { Command } from 'commander';
import { EXIT, type ExitCode } from '../model/error.ts';
import type { Inspector, ReplayPlan } from '../queue/inspector.ts';
import type { ReplayReport } from '../queue/queue.ts';
import { counted } from '../report/human.ts';
import { believedReport } from './believed-time.ts';
import type { CommandContext } from './context.ts';
import { refuseUnknownDevice } from './known-device.ts';
import { noDatabase } from './no-database.ts';
import { replayPlanText } from './replay-plan-text.ts';
import { replayRequest } from './replay-request.ts';
import { waitForReplays } from './wait-for-replays.ts';
import { withInspector } from './with-inspector.ts';

export interface ReplayOptions {
  readonly config?: string;
  readonly from: string;
  readonly to: string;
  readonly device?: string;
  readonly sink?: string;
  readonly deadLetters?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function replayCommand(context: CommandContext): Command {
  return new Command('replay')
    .description('Send stored readings again: queues a backfill that the daemon performs.')
    .requiredOption('--from <time>', 'first instant of the range')
    .option('--to <time>', 'end of the range, not part of it', 'now')
    .option('--device <name>', 'only readings of this device')
    .option('--sink <name>', 'only to this sink (default: all)')
    .option('--dead-letters', 'also retry the dead letters in the range')
    .option('--dry-run', 'only show what would be sent')
    .option('--no-wait', 'return at once; the daemon goes on by itself')
    .option('--json', 'machine-readable output; does not wait')
    .addHelpText(
      'after',
      `
Times: 2026-11-20T14:00:00Z, '2026-11-20 14:00' (local), -2h, -1d, now. The range is widened to whole minutes where the
sink sends minutes. What is still pending is skipped: it is sent anyway.
Minimum, maximum and average of a replayed minute stay as they are; its sum and count double.

Examples:
  gateway replay --from -2h --to now --dry-run
  gateway replay --from '2026-11-20 14:00' --to '2026-11-20 15:30' --device grid-meter
  gateway replay --from -1d --to now --dead-letters --no-wait`,
    )
    .action(async (options: ReplayOptions) => {
      process.exitCode = await replay(options, context);
    });
}

/** Plans, prints, queues, and on a terminal waits for the daemon. */
export async function replay(options: ReplayOptions, context: CommandContext): Promise<ExitCode> {
  const settings = context.loadSettings(options.config);
  return withInspector(context, settings.dataDir, async (inspector) => {
    const { now, daemonRunning, report } = believedReport(inspector, context.clock.wallMs());
    if (report === null) throw noDatabase(settings);
    refuseUnknownDevice(options.device, inspector);
    const request = replayRequest(options, settings, now);
    const plan = inspector.planReplay(request);
    const filter = {
      from: plan.from,
      to: plan.to,
      ...(options.device === undefined ? {} : { device: options.device }),
      ...(options.sink === undefined ? {} : { sink: options.sink }),
    };
    const letters = options.deadLetters === true ? inspector.countDeadLetters(filter).values : 0;
    const wanted = options.dryRun !== true;
    const empty = plan.sinks.every((sink) => sink.total === 0);
    const replays = wanted && !empty ? inspector.queueReplay(request) : [];
    const retried = wanted && letters > 0 ? inspector.retryDeadLetters(filter) : 0;
    if (options.json === true) {
      context.terminal.stdout.write(
        `${JSON.stringify(document({ plan, replays, daemonRunning, dryRun: !wanted, letters, retried }), null, 2)}\n`,
      );
      return EXIT.ok;
    }
    const { palette, stdout } = context.terminal;
    stdout.write(replayPlanText(plan, { palette, width: context.terminal.width() }));
    if (options.deadLetters === true) {
      stdout.write(
        `${counted(wanted ? retried : letters, 'dead-lettered value')} ${wanted ? 'queued again' : 'would be queued again'}.\n`,
      );
    }
    if (empty)
      stdout.write('Nothing to replay: no stored reading of this range has been sent to these sinks before.\n');
    if (replays.length === 0) return EXIT.ok;
    return proceed(replays, inspector, daemonRunning, options, context);
  });
}

async function proceed(
  replays: readonly ReplayReport[],
  inspector: Inspector,
  daemonRunning: boolean,
  options: ReplayOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const names = replays.map((r) => `#${r.id} (${r.sink})`).join(', ');
  terminal.stdout.write(`Queued as replay ${names}.\n`);
  if (!daemonRunning) {
    terminal.stdout.write('The gateway is not running; it performs the replay when it is started.\n');
    return EXIT.ok;
  }
  if (options.wait === false || !terminal.stdoutIsTerminal) {
    terminal.stdout.write('It runs beside fresh readings; `gateway status` shows how far it is.\n');
    return EXIT.ok;
  }
  return waitForReplays(replays, inspector, context);
}

interface Result {
  readonly plan: ReplayPlan;
  readonly replays: readonly ReplayReport[];
  readonly daemonRunning: boolean;
  readonly dryRun: boolean;
  readonly letters: number;
  readonly retried: number;
}

function document({ plan, replays, daemonRunning, dryRun, letters, retried }: Result): object {
  return {
    from: new Date(plan.from).toISOString(),
    to: new Date(plan.to).toISOString(),
    dryRun,
    daemonRunning,
    plan: plan.sinks,
    deadLetteredValues: letters,
    deadLetteredValuesRetried: retried,
    replays: replays.map((r) => ({ id: r.id, sink: r.sink, total: r.total, state: r.state })),
  };
}
