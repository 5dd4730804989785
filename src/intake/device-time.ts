/** Which time a reading gets. Pure; the rules of the design's section 6a. */
import type { DurationMs, EpochMs } from '../model/time.ts';

/** How far a device's own time may be from the time of receipt to be believed; both ends included. */
export interface TrustTime {
  readonly behindMs: DurationMs;
  readonly aheadMs: DurationMs;
}

export interface TimeEvidence {
  /** The device's own time; null when it gave none. */
  readonly deviceTime: EpochMs | null;
  /** When the message came, by the clock the gateway believes. */
  readonly receivedAt: EpochMs;
  /** Whether that clock is confirmed; until then every time is provisional and the queue corrects it later. */
  readonly confirmed: boolean;
  readonly retained: boolean;
  readonly waited: boolean;
}

/**
 * known        the reading was measured `at`
 * provisional  only the device can say when; whether it is believed shows once the clock is confirmed
 *              (`at` is its time if that looks right now, else when it came)
 * unknown      nobody can say; `at` is when it came
 * ignored      state kept by the broker, not a reading
 */
export type TimeDecision =
  { readonly kind: 'known' | 'provisional' | 'unknown'; readonly at: EpochMs } | { readonly kind: 'ignored' };

/** Decides a reading's time: its device's where that is trusted, else that of receipt where receipt says anything. */
export function decideTime(evidence: TimeEvidence, trust: TrustTime): TimeDecision {
  const { deviceTime, receivedAt, confirmed, retained, waited } = evidence;
  const trusted = deviceTime !== null && isTrusted(deviceTime, receivedAt, trust);
  const at = trusted ? deviceTime : receivedAt;
  if (!retained && !waited) return { kind: 'known', at };
  // A clock that lost its battery may be days behind: the device's time may only look wrong, or only look right.
  if (deviceTime !== null && !confirmed) return { kind: 'provisional', at };
  if (trusted) return { kind: 'known', at };
  return retained ? { kind: 'ignored' } : { kind: 'unknown', at: receivedAt };
}

function isTrusted(deviceTime: EpochMs, receivedAt: EpochMs, trust: TrustTime): boolean {
  return deviceTime >= receivedAt - trust.behindMs && deviceTime <= receivedAt + trust.aheadMs;
}
