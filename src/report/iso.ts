import type { EpochMs } from '../model/time.ts';

/** UTC with milliseconds; null stays null. */
export function iso(at: EpochMs | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
