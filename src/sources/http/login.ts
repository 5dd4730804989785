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

  /** The value of `Authorization` for a GET; null while none is asked for, or without a user. */
  header(uri: string): string | null {
    const { username } = this.#options;
    const password = this.#password;
    if (username === null || password === null || (!this.#basic && this.#challenge === null)) return null;
    const revealed = password.reveal();
    if (this.#challenge === null) return `Basic ${Buffer.from(`${username}:${revealed}`).toString('base64')}`;
    this.#count++;
    const cnonce = randomBytes(8).toString('hex');
    return authorize(this.#challenge, {
      username,
      password: revealed,
      method: 'GET',
      uri,
      count: this.#count,
      cnonce,
    });
  }

  /** Whether requests carry the password. */
  get isSent(): boolean {
    return this.#password?.isSent === true;
  }

  /** Whether the password's file holds another one than was sent last. */
  get isRenewed(): boolean {
    return this.#password !== null && this.#password.isSent && this.#password.isRenewed;
  }

  /** Takes what a 401 asks for; whether it is worth another try. */
  challenged(header: string): boolean {
    const { auth, username } = this.#options;
    if (username === null) return false;
    const challenge = auth === 'basic' ? null : parseChallenge(header);
    // The same nonce again: it is the password that is refused.
    if (challenge !== null) return challenge.nonce !== this.#challenge?.nonce && this.#take(challenge);
    // AMIS readers refuse without saying what they want.
    if (auth !== 'auto' || this.#basic || !/^$|(?:^|,\s*)basic\b/i.test(header)) return false;
    this.#basic = true;
    return true;
  }

  #take(challenge: DigestChallenge): true {
    this.#challenge = challenge;
    this.#count = 0;
    this.#basic = false;
    return true;
  }
}
