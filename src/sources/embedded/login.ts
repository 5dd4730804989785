import { createHash, timingSafeEqual } from 'node:crypto';
import type { Password } from '../password.ts';

/** The user that may connect to the embedded broker; without one, whoever reaches it may. */
export interface RequiredLogin {
  readonly username: string;
  readonly password: Password;
}

/** Compares in constant time, and hashed, so that not even the length can be learnt. */
export function mayLogIn(
  required: RequiredLogin | null,
  username: string | undefined,
  password: Buffer | undefined,
): boolean {
  if (required === null) return true;
  const user = sameText(required.username, username ?? '');
  const secret = sameText(required.password.reveal(), password ?? '');
  return user && secret;
}

function sameText(expected: string, actual: string | Buffer): boolean {
  return timingSafeEqual(createHash('sha256').update(expected).digest(), createHash('sha256').update(actual).digest());
}
