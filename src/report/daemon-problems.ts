import type { Problem } from '../model/problem.ts';
import { MINUTE } from '../model/time.ts';
import type { StatusInput } from './status-input.ts';
import { duration } from './human.ts';
import { clockState, daemonState, knownProblems } from './state-documents.ts';

/** The daemon writes its beat at least once a minute; after this long it makes no progress. */
const STUCK_AFTER_MS = 3 * MINUTE;

/** Problems of the process itself, and those that belong to no source or sink. */
export function daemonProblems(input: StatusInput): Problem[] {
  if (!input.daemonRunning) return [stopped(input)];
  const daemon = daemonState(input.report?.state ?? {});
  const noted = (input.report?.storage ?? null) !== null;
  // A disk that takes nothing does not take the daemon's correction either: the note beside the database goes before it.
  const problems = knownProblems(daemon?.problems ?? []).filter(({ code }) => !noted || code !== 'disk.failing');
  const beatAgeMs = daemon === null ? 0 : input.now - daemon.beatAt;
  if (beatAgeMs > STUCK_AFTER_MS) {
    problems.push({
      code: 'daemon.stuck',
      message: `The gateway is running but has made no progress for ${duration(beatAgeMs)}.`,
      hint: 'Restart it. If it happens again, the storage may be failing: look for I/O errors in `dmesg`.',
    });
  }
  if ((clockState(input.report?.state ?? {})?.state ?? 'unconfirmed') === 'unconfirmed') {
    problems.push({
      code: 'clock.unconfirmed',
      message: "Nobody has confirmed this machine's time yet; readings are stored, none is sent as a metric.",
      hint: 'Nothing to do: it ends when the time service or the sink has answered. If it stays, see `timedatectl` and the network.',
    });
  }
  return problems;
}

function stopped({ report, config }: StatusInput): Problem {
  return {
    code: 'daemon.stopped',
    message:
      report === null
        ? `The gateway has not run here yet: there is no database at ${config.queuePath}.`
        : 'The gateway is not running: nothing is collected or sent. What is stored is safe.',
    hint:
      (report?.storage ?? null) === null
        ? 'Start it: ./scripts/start, `gateway run`, or the service that runs it on this machine.'
        : 'Its disk comes first, see the other problem. A gateway that was started waits for it.',
  };
}
