import type { SinkConfig } from '../config/config.ts';
import { GatewayError } from '../model/error.ts';
import type { Outcome } from '../model/outcome.ts';
import { MINUTE, SECOND, type DurationMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import { answerText } from '../report/answer-text.ts';
import { duration } from '../report/human.ts';
import { failed, passed, type CheckResult } from './check-result.ts';

const TIMEOUT_MS = 30 * SECOND;
/** Beyond this an answer's date does not confirm the clock. */
const CLOCK_TOLERANCE_MS = 2 * MINUTE;

export interface SinkCheckOptions {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly version: string;
  readonly clock: Clock;
}

/** Sends each route of the sink a request that holds no reading. Also tells the server's time, null when it did not say. */
export async function checkSink(
  sink: SinkConfig,
  options: SinkCheckOptions,
): Promise<{ readonly results: readonly CheckResult[]; readonly offsetMs: DurationMs | null }> {
  const { DynatraceSink } = await import('../sinks/dynatrace/dynatrace-sink.ts');
  const { ca, ...rest } = sink;
  const instance = new DynatraceSink({
    ...rest,
    ...options,
    databaseId: 'check',
    ...(ca === null ? {} : { ca: ca.pem }),
  });
  try {
    const { routes, offsetMs } = await instance.check(AbortSignal.timeout(TIMEOUT_MS));
    const results = routes.map(({ route, scope, usable, outcome }) => {
      const name = `sink ${sink.name} (${route})`;
      if (usable) return passed(name, `${sink.url} accepts it; the token has the scope ${scope}`);
      return failed(name, messageOf(outcome), hintOf(outcome, scope));
    });
    return { results, offsetMs };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { results: [failed(`sink ${sink.name}`, error.message, error.hint)], offsetMs: null };
  } finally {
    await instance.close();
  }
}

/** The wall clock against the sinks' servers. */
export function checkClock(offsets: readonly (DurationMs | null)[]): CheckResult {
  const name = 'clock';
  const offsetMs = offsets.find((offset) => offset !== null);
  if (offsetMs === undefined) {
    return { name, state: 'unknown', message: 'no sink has told its time', hint: null };
  }
  if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return passed(name, "this machine's time agrees with the sink's");
  const direction = offsetMs > 0 ? 'behind' : 'ahead of';
  return failed(
    name,
    `this machine's clock is ${duration(Math.abs(offsetMs))} ${direction} the sink's`,
    'The gateway corrects the times it sends by itself; let a time service set the clock: `timedatectl set-ntp true`.',
  );
}

function messageOf(outcome: Outcome): string {
  return answerText(outcome.status ?? null, wordsOf(outcome));
}

function wordsOf(outcome: Outcome): string {
  if (outcome.kind === 'accepted') return 'accepted';
  return outcome.kind === 'partial' ? (outcome.refused[0]?.message ?? 'refused in part') : outcome.message;
}

function hintOf(outcome: Outcome, scope: string): string {
  if (outcome.kind === 'blocked') return outcome.hint;
  if (outcome.kind === 'retry' && outcome.cause === 'clock')
    return 'Set the clock of this machine: `timedatectl set-ntp true`.';
  if (outcome.kind === 'retry') return "Check the network of this machine and the sink's url; then try again.";
  return `Check the sink's url, and that its token has the scope ${scope}.`;
}
