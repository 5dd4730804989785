/**
 * When the gateway has crashed so often that it should collect only for a while. Pure.
 *
 * - Counted are starts after an end that was no stop: thrown, killed by the kernel or a watchdog, the power cut.
 * - Time is measured without the wall clock, which is wrong at boot: within a boot by the monotonic clock; across boots at least
 *   what the runs since then are known to have lived. So a machine that comes up again every minute is in a loop, one that loses
 *   its power every day is not.
 * - What is held back is tried again after half an hour. A crash after that, before ten minutes are over, holds it back anew at
 *   once; a crash before that has nothing to do with it, and the rest of the half hour is waited for.
 */
import { MINUTE, SECOND, type DurationMs, type MonoMs } from '../../model/time.ts';

/** One start of the daemon, as later ones see it. */
export interface Run {
  readonly boot: string;
  readonly startedMono: MonoMs;
  /** It lived at least until then. */
  readonly seenMono: MonoMs;
  /** The run before it was not stopped, it ended. */
  readonly afterCrash: boolean;
  /** For how long it was to collect only; 0: not at all. */
  readonly safeForMs: DurationMs;
  /** That time passed, and what was held back began. */
  readonly resumed: boolean;
}

export type Start = Pick<Run, 'boot' | 'startedMono' | 'afterCrash'>;

const CRASHES = 5;
const WITHIN: DurationMs = 10 * MINUTE;
const SAFE_FOR: DurationMs = 30 * MINUTE;
const NOTE_EVERY: DurationMs = 30 * SECOND;
/** More than are counted. */
const REMEMBERED = 12;

/** The runs to remember, this one last. */
export function begin(runs: readonly Run[], start: Start): readonly Run[] {
  const recent = runs.filter((_, i) => sinceStart(runs.slice(i), start) < WITHIN);
  const run = { ...start, seenMono: start.startedMono, safeForMs: safeFor(runs.at(-1), recent, start), resumed: false };
  return [...recent, run].slice(-REMEMBERED);
}

/** The same with the sign of life of the last one, where that is still worth a write. */
export function seen(runs: readonly Run[], now: MonoMs): readonly Run[] {
  const run = runs.at(-1);
  if (run === undefined || now - run.seenMono < NOTE_EVERY) return runs;
  if (run.seenMono - run.startedMono >= run.safeForMs + WITHIN) return runs;
  return [...runs.slice(0, -1), { ...run, seenMono: now }];
}

/** The same with what the last one held back begun. */
export function resumed(runs: readonly Run[], now: MonoMs): readonly Run[] {
  const run = runs.at(-1);
  return run === undefined ? [] : [...runs.slice(0, -1), { ...run, seenMono: now, resumed: true }];
}

function safeFor(previous: Run | undefined, recent: readonly Run[], start: Start): DurationMs {
  if (previous !== undefined && previous.safeForMs > 0 && start.afterCrash) {
    const livedMs = lived(previous);
    if (!previous.resumed) return Math.max(SECOND, previous.safeForMs - livedMs);
    if (livedMs < previous.safeForMs + WITHIN) return SAFE_FOR;
  }
  const crashes = [...recent, start].filter(({ afterCrash }) => afterCrash).length;
  return crashes >= CRASHES ? SAFE_FOR : 0;
}

/** Since the first of some runs began: at least so long. */
function sinceStart(runs: readonly Run[], now: Start): DurationMs {
  const [first] = runs;
  if (first?.boot === now.boot) return now.startedMono - first.startedMono;
  return [...Map.groupBy(runs, ({ boot }) => boot).values()].reduce((sum, ofBoot) => sum + span(ofBoot), 0);
}

function span(runs: readonly Run[]): DurationMs {
  return (runs.at(-1)?.seenMono ?? 0) - (runs[0]?.startedMono ?? 0);
}

function lived({ startedMono, seenMono }: Run): DurationMs {
  return seenMono - startedMono;
}
