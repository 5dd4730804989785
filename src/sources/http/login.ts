import { randomBytes } from 'node:crypto';
import type { Password } from '../password.ts';
import { SentPassword } from '../sent-password.ts';
import { authorize, parseChallenge, type DigestChallenge } from './digest.ts';

export interface LoginOptions {
  readonly auth: 'auto' | 'basic' | 'digest';
  readonly username: string | null;
  readonly password: Password | null;
}

/** Logs in as the device asks for; remembers its challenge, so that not every request is made twice. */
export class Login {
  readonly #options: LoginOptions;
  readonly #password: SentPassword | null;
  #challenge: DigestChallenge | null = null;
  #basic: boolean;
  #count = 0;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#password = options.password === null ? null : new SentPassword(options.password);
    this.#basic = options.auth === 'basic';
  }

  /** How a path is asked of which nothing is known. */
  get usualUse(): 'at once' | 'when asked' {
    return this.#options.auth === 'basic' ? 'at once' : 'when asked';
  }

  /** The value of `Authorization` for a GET; null while none is asked for, or without a user. */
  header(uri: string): string | null {
    const { username } = this.#options;
    const password = this.#password;
    const challenge = this.#basic ? null : this.#challenge;
    if (username === null || password === null || (!this.#basic && challenge === null)) return null;
    const revealed = password.reveal();
    if (challenge === null) return `Basic ${Buffer.from(`${username}:${revealed}`).toString('base64')}`;
    this.#count++;
    const cnonce = randomBytes(8).toString('hex');
    return authorize(challenge, {
      username,
      password: revealed,
      method: 'GET',
      uri,
      count: this.#count,
      cnonce,
    });
  }

  /** Whether the password's file holds another one than was sent last. */
  get isRenewed(): boolean {
    return this.#password !== null && this.#password.isSent && this.#password.isRenewed;
  }

  /** Takes what a 401 asks for; whether that is worth another try. `wasSent`: what was refused held the password already. */
  challenged(header: string, wasSent: boolean): boolean {
    const { auth, username } = this.#options;
    if (username === null) return false;
    const challenge = auth === 'basic' ? null : parseChallenge(header);
    // The same nonce again: it is the password that is refused.
    if (challenge !== null) return this.#take(challenge) || !wasSent;
    // AMIS readers refuse without saying what they want.
    if (wasSent || auth === 'digest' || !(auth === 'basic' || /^$|(?:^|,\s*)basic\b/i.test(header))) return false;
    this.#basic = true;
    return true;
  }

  /** Whether the challenge is another one. A nonce that is given out again is counted on. */
  #take(challenge: DigestChallenge): boolean {
    this.#basic = false;
    if (challenge.nonce === this.#challenge?.nonce) return false;
    this.#challenge = challenge;
    this.#count = 0;
    return true;
  }
}
