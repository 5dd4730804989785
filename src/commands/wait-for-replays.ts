import { EXIT, type ExitCode } from '../model/error.ts';
import type { Inspector } from '../queue/inspector.ts';
import type { ReplayReport } from '../queue/queue.ts';
import { grouped } from '../report/human.ts';
import type { CommandContext } from './context.ts';
import { ProgressBar } from './progress-bar.ts';

const POLL_MS = 500;

/** Shows the daemon's progress until it is done, fails, stops running, or Ctrl-C detaches; the replay itself goes on. */
export async function waitForReplays(
  replays: readonly ReplayReport[],
  inspector: Inspector,
  { terminal, clock, catchInterrupt }: Pick<CommandContext, 'terminal' | 'clock' | 'catchInterrupt'>,
): Promise<ExitCode> {
  const bar = new ProgressBar(terminal.stdout, terminal.width());
  const interrupt = catchInterrupt();
  try {
    for (;;) {
      const now = replays.map((r) => inspector.replay(r.id) ?? { ...r, state: 'failed' as const });
      const total = now.reduce((sum, r) => sum + r.total, 0);
      const done = now.reduce((sum, r) => sum + r.done, 0);
      const over = now.every((r) => r.state === 'done' || r.state === 'failed');
      bar.draw(over && done >= total ? 1 : done / total, `${grouped(done)} of ${grouped(total)} values`);
      if (over) return finish(now, bar, terminal);
      if (interrupt.signal.aborted) return detach(bar, terminal, 'Detached; the replay goes on.');
      if (!inspector.daemonRunning())
        return detach(bar, terminal, 'The gateway stopped; it goes on when it is started.');
      await clock.sleep(POLL_MS, interrupt.signal);
    }
  } finally {
    interrupt.release();
  }
}

type Output = CommandContext['terminal'];

function detach(bar: ProgressBar, { stdout }: Output, message: string): ExitCode {
  bar.finish();
  stdout.write(`${message} \`gateway status\` shows how far it is.\n`);
  return EXIT.ok;
}

function finish(replays: readonly ReplayReport[], bar: ProgressBar, { stdout }: Output): ExitCode {
  bar.finish();
  const failed = replays.filter((r) => r.state === 'failed');
  if (failed.length === 0) {
    stdout.write('Done.\n');
    return EXIT.ok;
  }
  const names = failed.map((r) => `#${r.id} (${r.sink})`).join(', ');
  stdout.write(`Replay ${names} failed; \`gateway status\` says what is wrong with the sink.\n`);
  return EXIT.failing;
}
