import type { Blocked, Retry } from '../model/outcome.ts';

/** What the person who owns the box can do about a failed attempt. */
export function hintOf(outcome: Retry | Blocked): string {
  if (outcome.kind === 'blocked') return outcome.hint;
  if (outcome.cause === 'clock')
    return "This is a clock problem, not the server's: by this machine's date its certificate is not valid. Set the clock or let time synchronisation reach its server; sending goes on by itself then.";
  if (outcome.cause === 'busy') return 'Nothing to do: everything is kept and sent when the server has time.';
  return 'Nothing to do: everything is kept and sent when it answers. If it lasts, check the network here.';
}

export const REFUSING_HINT =
  'It answers but takes nothing, so this is not one bad reading: everything stays queued and it is tried again by itself. Read its message; check the url, the configured dimensions, and what stands between.';
