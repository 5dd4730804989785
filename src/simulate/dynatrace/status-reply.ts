import type { EpochMs } from '../../model/time.ts';
import type { StatusFault } from './fault.ts';
import { empty, envelope, html, type Reply } from './reply.ts';

/** The answer a status fault gives. */
export function statusReply(fault: StatusFault, now: EpochMs): Reply {
  const reply = bodyOf(fault);
  const headers: Record<string, string> = { ...reply.headers };
  if (fault.status >= 300 && fault.status < 400) headers['location'] = fault.location ?? 'http://portal.invalid/login';
  if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter);
  if (fault.resetInMs !== undefined) {
    headers['x-ratelimit-limit'] = '50';
    headers['x-ratelimit-remaining'] = '0';
    // Microseconds, unlike every other time of the API.
    headers['x-ratelimit-reset'] = String(Math.round((now + fault.resetInMs) * 1000));
  }
  return { ...reply, headers };
}

function bodyOf(fault: StatusFault): Reply {
  if (fault.body === 'empty') return empty(fault.status);
  return fault.body === 'html' ? html(fault.status) : envelope(fault.status, fault.message);
}
