import { certificateFlaw } from '../certificate-flaw.ts';
import { errorCode } from '../error-code.ts';

/**
 * Why a connection to a broker ended or never came about. Network and broker do these things, so they are values.
 *
 * unreachable  no connection: refused, no route, no such name, timeout
 * mute         the broker closed, or answered with something unreadable, before any CONNACK
 * version      the broker does not speak this protocol version
 * credentials  login refused or not authorised
 * identity     the client id was refused, or another client uses it
 * untrusted    the broker's certificate is not the expected one
 * clock        the certificate's dates say our clock is wrong
 * oversize     a message so large that taking it in would endanger the machine
 * refused      any other refusal by the broker
 * storage      we closed: the queue could not take what was delivered
 * lost         an established connection broke
 */
export type EndCause =
  | 'unreachable'
  | 'mute'
  | 'version'
  | 'credentials'
  | 'identity'
  | 'untrusted'
  | 'clock'
  | 'oversize'
  | 'refused'
  | 'storage'
  | 'lost';

export interface ConnectionEnd {
  readonly cause: EndCause;
  /** What happened, as a sentence. */
  readonly detail: string;
  /** What to do about it; null where it heals by itself. */
  readonly hint: string | null;
}

const CREDENTIALS_HINT = "Check the source's `username` and `password` against the broker's password file.";
const IDENTITY_HINT = 'Give this source a `clientId` that no other client of the broker uses.';
const CERTIFICATE_HINT =
  "Set `ca` to the file of the authority that signed the broker's certificate, or `fingerprint` to the certificate's SHA-256.";

/** A failure to open the socket or to finish the TLS handshake. */
export function endOfSocketError(error: unknown): ConnectionEnd {
  const code = errorCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  const flaw = certificateFlaw(error);
  if (flaw === 'dates') {
    return {
      cause: 'clock',
      detail: `The broker's certificate is not valid at the time of this machine's clock (${code}).`,
      hint: 'If the clock is right, renew the certificate of the broker; otherwise nothing, the clock will be set.',
    };
  }
  if (flaw === 'untrusted') {
    return { cause: 'untrusted', detail: `The broker's certificate is not trusted (${code}).`, hint: CERTIFICATE_HINT };
  }
  return { cause: 'unreachable', detail: `The broker cannot be reached: ${reason}.`, hint: null };
}

/** The broker's certificate is another one than the pinned one. */
export function endOfFingerprint(actual: string): ConnectionEnd {
  return {
    cause: 'untrusted',
    detail: `The broker's certificate has the SHA-256 fingerprint ${actual}, which is not the configured one.`,
    hint: 'If the certificate was renewed on purpose, set `fingerprint` to the new value; otherwise somebody else answers.',
  };
}

/** A CONNACK that refuses: MQTT 3.1.1, 3.2.2.3 (codes 1 to 5) and MQTT 5, 3.2.2.2 (codes from 128). */
export function endOfConnack(code: number): ConnectionEnd {
  switch (code) {
    case 1:
    case 0x84:
      return {
        cause: 'version',
        detail: 'The broker does not speak this version of MQTT.',
        hint: 'Set `protocol: auto` for this source.',
      };
    case 2:
    case 0x85:
      return { cause: 'identity', detail: 'The broker refuses the client id.', hint: IDENTITY_HINT };
    case 4:
    case 5:
    case 0x86:
    case 0x87:
    case 0x8a:
    case 0x8c:
      return { cause: 'credentials', detail: 'The broker refuses the login.', hint: CREDENTIALS_HINT };
    default:
      return { cause: 'refused', detail: `The broker refuses the connection (code ${code}).`, hint: null };
  }
}

/** A DISCONNECT sent by an MQTT 5 broker (3.14.2.1). */
export function endOfDisconnect(code: number): ConnectionEnd {
  switch (code) {
    case 0x8e:
      return {
        cause: 'identity',
        detail: 'Another client took over the session of this client id.',
        hint: IDENTITY_HINT,
      };
    case 0x87:
      return { cause: 'credentials', detail: 'The broker withdrew the authorisation.', hint: CREDENTIALS_HINT };
    default:
      return { cause: 'lost', detail: `The broker ended the connection (code ${code}).`, hint: null };
  }
}

/** A message above the size at which the connection is cut; it would come again on every connection. */
export function endOfOversize(bytes: number): ConnectionEnd {
  return {
    cause: 'oversize',
    detail: `The broker delivers a message of ${bytes} bytes.`,
    hint: 'Limit the size of messages in the broker (Mosquitto: max_packet_size 262144) and find who publishes it.',
  };
}
