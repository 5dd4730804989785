import { GatewayError } from '../../model/error.ts';
import type { Password } from '../password.ts';
import type { ConnectionEnd } from './connection-end.ts';

export interface Login {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** True keeps no session at the broker. */
  readonly clean: boolean;
}

export interface Credentials {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: Password;
}

/** The login to send now. A password file that cannot be read is no bug: it ends the attempt. */
export function revealLogin({ clientId, username, password }: Credentials, clean: boolean): Login | ConnectionEnd {
  try {
    return {
      clientId,
      clean,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: password.reveal() }),
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { cause: 'credentials', detail: error.message, hint: error.hint };
  }
}
