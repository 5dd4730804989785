import type { Problem } from '../model/problem.ts';
import { DAY, HOUR, type EpochMs } from '../model/time.ts';
import type { QueueReport, Salvage, StorageTrouble } from '../queue/queue.ts';
import type { StatusInput } from './status-input.ts';
import { bytes, counted, duration } from './human.ts';

/** How long an eviction is news, and a salvaged database worth a reminder. */
const EVICTION_NEWS_MS = HOUR;
const SALVAGE_NEWS_MS = 7 * DAY;

/** Problems of the disk and the database file; seen with and without a daemon. */
export function storageProblems({ report, config, now }: StatusInput): Problem[] {
  if (report === null) return [];
  const problems: Problem[] = report.storage === null ? [] : [notWritten(report, report.storage, now)];
  if (report.storage?.kind !== 'full' && report.diskFreeBytes < config.minFreeDiskBytes) {
    problems.push({
      code: 'disk.low',
      message: `Only ${bytes(report.diskFreeBytes)} are free on the disk; the gateway wants ${bytes(config.minFreeDiskBytes)}.`,
      hint: `Free some space on the disk that holds ${report.path}, or lower queue.minFreeDisk or queue.budget.`,
    });
  }
  if (report.lastEvictionAt !== null && now - report.lastEvictionAt < EVICTION_NEWS_MS) {
    const evicted = report.sinks.reduce((sum, sink) => sum + sink.ledger.evicted, 0);
    problems.push({
      code: 'queue.evicting',
      message: `Readings had to be removed before they were sent, last ${duration(now - report.lastEvictionAt)} ago; ${counted(evicted, 'value')} so far.`,
      hint: `Let the sink be reached again, raise queue.budget (${bytes(report.budgetBytes)}), or free space on the disk.`,
    });
  }
  if (report.salvaged !== null && (!report.salvaged.done || now - report.salvaged.at < SALVAGE_NEWS_MS)) {
    problems.push(salvaged(report.salvaged, now));
  }
  return problems;
}

function notWritten(
  { path, diskFreeBytes }: QueueReport,
  { at, kind, message }: StorageTrouble,
  now: EpochMs,
): Problem {
  const since = at === null ? '' : ` for ${duration(now - at)}`;
  const what = `Readings cannot be stored${since}: ${message}. None is acknowledged; a broker with a session keeps them.`;
  if (kind === 'full') {
    return {
      code: 'disk.low',
      message: `${what} ${bytes(diskFreeBytes)} are free on the disk.`,
      hint: `Free some space on the disk that holds ${path}. The gateway goes on by itself.`,
    };
  }
  return {
    code: 'disk.failing',
    message: what,
    hint: 'Look for I/O errors in `dmesg`: the card or disk may be failing, or was made read-only. The gateway goes on by itself as soon as it can write.',
  };
}

function salvaged(salvage: Salvage, now: EpochMs): Problem {
  const recovered = counted(salvage.readingsRecovered, 'reading');
  const lost = salvage.readingsLost === null ? '' : `, ${counted(salvage.readingsLost, 'reading')} could not be read`;
  return {
    code: 'database.salvaged',
    message: `The database was damaged ${duration(now - salvage.at)} ago and was started afresh; ${recovered} recovered${salvage.done ? lost : ' so far'}. All counts are since then.`,
    hint: `The damaged file is kept as ${salvage.movedTo}, with any older one beside it (*.corrupt-*); delete them when you do not need them. If it happens again, replace the card or disk.`,
  };
}
