import { DAY, MINUTE, type EpochMs } from '../../src/model/time.ts';
import type { Correction } from '../../src/queue/queue.ts';
import type { ModelReading } from './reading.model.ts';

const TRUST = { behindMs: DAY, aheadMs: 2 * MINUTE };

/** When a reading was measured, once its clock is known; null when nobody can tell. */
export function timeOf(
  reading: ModelReading,
  correction: Correction | null,
): { readonly at: EpochMs; readonly received: EpochMs } | null {
  const { at, mono = 0, deviceTime, source = '', onlyDeviceTime = false } = reading;
  if (correction === null && !onlyDeviceTime) return { at, received: reading.received };
  const received = correction === null ? reading.received : correction.wallMs - (correction.monoMs - mono);
  const { behindMs, aheadMs } = correction?.trustTime[source] ?? TRUST;
  const isTrusted = deviceTime !== undefined && deviceTime >= received - behindMs && deviceTime <= received + aheadMs;
  if (isTrusted) return { at: deviceTime, received };
  return onlyDeviceTime ? null : { at: received, received };
}
