import type { Password } from './password.ts';

/** A password, and which one was sent last: its file may hold another one by now. */
export class SentPassword implements Password {
  readonly #password: Password;
  #sent: string | null = null;

  constructor(password: Password) {
    this.#password = password;
  }

  /** The password, for sending it. */
  reveal(): string {
    this.#sent = this.#password.reveal();
    return this.#sent;
  }

  get isSent(): boolean {
    return this.#sent !== null;
  }

  /** Whether there is another one to send than was sent last. */
  get isRenewed(): boolean {
    try {
      return this.#password.reveal() !== this.#sent;
    } catch {
      // Without its file there is nothing new to log in with.
      return false;
    }
  }
}
