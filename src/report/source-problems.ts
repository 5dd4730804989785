import type { Problem } from '../model/problem.ts';
import type { EpochMs } from '../model/time.ts';
import type { QueueReport } from '../queue/queue.ts';
import type { StatusInput } from './status-input.ts';
import type { SourceSummary } from './config-summary.ts';
import { duration } from './human.ts';
import { silenceMs } from './source-status.ts';
import { knownProblems, sourceState } from './state-documents.ts';

const NOTHING_PUBLISHED =
  'Check that the meter has power and Wi-Fi, and that it publishes on the topics of this source.';
/** By type, for sources that ask: the device answers, so neither its power nor the way to it is missing. */
const NOTHING_COMES: Readonly<Record<string, string>> = {
  modbus: 'It answers, but with nothing that is known: check the profile of its devices with `gateway modbus scan`.',
  http: 'It answers, but with nothing that is known: check its profile and paths, and try `gateway check --online`.',
};

/** Problems of the configured sources; meaningful only while the daemon runs. */
export function sourceProblems({ report, config, now }: StatusInput): Problem[] {
  return config.sources.flatMap((source) => {
    const document = sourceState(report?.state ?? {}, source.name);
    const problems = knownProblems(document?.problems ?? []);
    if (document?.state === 'failed') {
      if (!problems.some((p) => p.code === 'source.failed')) problems.push(failed(source, document.detail));
    } else if (silenceMs(source, report, now) > source.silentAfterMs) {
      problems.push(silent(source, report, now, document?.detail ?? null));
    }
    return problems;
  });
}

function failed(source: SourceSummary, detail: string | null): Problem {
  return {
    code: 'source.failed',
    message: sentence(`${source.name} cannot be used: ${detail ?? 'the gateway gave no reason'}`),
    hint: 'Compare its section of the configuration with the device or broker; `gateway check --online` tries the login.',
  };
}

function silent(source: SourceSummary, report: QueueReport | null, now: EpochMs, detail: string | null): Problem {
  const counts = report?.sources.find((s) => s.name === source.name);
  const lastReadingAt = counts?.lastReadingAt ?? null;
  const refusal = counts?.lastRefusal ?? null;
  const since = `for ${duration(silenceMs(source, report, now))}`;
  if (detail !== null) {
    return {
      code: 'source.silent',
      message: sentence(`${source.name} has brought no reading ${since} and is not connected: ${detail}`),
      hint: 'Check that the broker or device is switched on and reachable, and its address and login: `gateway check --online`.',
    };
  }
  // An old refusal says nothing about a meter that has since stopped sending.
  const isRecent = refusal !== null && Math.abs(now - refusal.at) <= source.silentAfterMs;
  if (isRecent && refusal.at > (lastReadingAt ?? 0)) {
    return {
      code: 'source.silent',
      message: `${source.name} has brought no reading ${since}: messages arrive but cannot be used (${refusal.topic}: ${refusal.reason}).`,
      hint: 'Check that its profile fits the device that publishes on this topic.',
    };
  }
  return {
    code: 'source.silent',
    message: `${source.name} is connected but has brought no reading ${since}${lastReadingAt === null ? ', and never one before' : ''}.`,
    hint: NOTHING_COMES[source.type] ?? NOTHING_PUBLISHED,
  };
}

/** Details come from elsewhere, with and without a full stop. */
function sentence(text: string): string {
  return `${text.replace(/[.\s]+$/, '')}.`;
}
