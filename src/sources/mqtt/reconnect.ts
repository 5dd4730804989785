import { MINUTE, SECOND } from '../../model/time.ts';
import type { DurationMs } from '../../model/time.ts';
import type { Random } from '../../platform/random.ts';
import type { ConnectionEnd, EndCause } from './connection-end.ts';

/** MQTT protocol level: 5, or 4 for MQTT 3.1.1. */
export type ProtocolLevel = 5 | 4;
export type ProtocolChoice = 'auto' | '5' | '3.1.1';

const FIRST: DurationMs = SECOND;
/** When the network returns, fresh readings are to follow within seconds; so few attempts are no burden to a broker. */
const LONGEST: DurationMs = 10 * SECOND;
const SLOW: DurationMs = MINUTE;
/** A connection that lived as long as this was a stable one. */
const STABLE: DurationMs = 30 * SECOND;

/** Causes a person has to remove: hammering the broker changes nothing. */
const NEEDS_A_PERSON: ReadonlySet<EndCause> = new Set(['credentials', 'identity', 'untrusted', 'oversize']);

export interface Attempt {
  readonly protocol: ProtocolLevel;
  readonly delayMs: DurationMs;
  /** Failures in a row, which the delay grows with. */
  readonly failures: number;
  /** The broker said that it does not speak MQTT 5, so it is not asked again. */
  readonly only311: boolean;
}

export function firstAttempt(choice: ProtocolChoice): Attempt {
  return { protocol: choice === '3.1.1' ? 4 : 5, delayMs: 0, failures: 0, only311: choice === '3.1.1' };
}

/**
 * When and how to try again after a connection ended: 1 s doubling to 10 s, jittered down to half, from the beginning
 * after a stable connection; about a minute where a person is needed. With `auto`, MQTT 3.1.1 is tried at once after a
 * broker refused MQTT 5 or closed at its CONNECT.
 */
export function nextAttempt(
  last: Attempt,
  end: ConnectionEnd,
  connectedMs: DurationMs,
  choice: ProtocolChoice,
  random: Random,
): Attempt {
  const mayFallBack = choice === 'auto' && last.protocol === 5;
  if (mayFallBack && (end.cause === 'version' || end.cause === 'mute')) {
    return { protocol: 4, delayMs: 0, failures: last.failures, only311: end.cause === 'version' };
  }
  const failures = connectedMs >= STABLE ? 0 : last.failures;
  const longest = needsAPerson(end.cause, choice) ? SLOW : Math.min(LONGEST, FIRST * 2 ** failures);
  return {
    protocol: choice === '5' || (choice === 'auto' && !last.only311) ? 5 : 4,
    delayMs: longest * (0.5 + random() / 2),
    failures: Math.min(failures + 1, 16),
    only311: last.only311,
  };
}

/** Whether a source that ended this way is `failed` rather than `connecting`. */
export function needsAPerson(cause: EndCause, choice: ProtocolChoice): boolean {
  return NEEDS_A_PERSON.has(cause) || (cause === 'version' && choice !== 'auto');
}
