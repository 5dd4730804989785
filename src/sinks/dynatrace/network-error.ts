import { serverText } from './server-text.ts';
import type { NetworkFailure } from './exchange.ts';

/** OpenSSL's verification errors that come from our clock (or an owner who forgot to renew). */
const DATE_ERRORS = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED', 'CRL_NOT_YET_VALID', 'CRL_HAS_EXPIRED']);
/** The other ways a certificate fails: node:tls documents these codes under "X509 certificate error codes". */
const VERIFY_ERROR =
  /^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_INVALID)/;
const TLS_ERROR = /^(EPROTO|ERR_SSL_|ERR_TLS_)/;
const BEFORE_SENDING = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);
const WORDS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the time limit',
  UND_ERR_HEADERS_TIMEOUT: 'no answer within the time limit',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_DESTROYED: 'the gateway is stopping',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while sending',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EAI_AGAIN: 'the name cannot be looked up now (DNS does not answer)',
  ENOTFOUND: 'the name is not known (wrong url, or DNS is not up yet)',
  ETIMEDOUT: 'the connection timed out',
};

/** What a failed request says about the world, with the code behind the words. */
export function networkFailure(error: unknown, host: string): NetworkFailure {
  const code = errorCode(error);
  const said = serverText(error instanceof Error ? error.message : String(error));
  if (DATE_ERRORS.has(code))
    return {
      cause: 'clock',
      message: `The certificate of ${host} is not valid at this machine's time (${code}): the clock is wrong, or the certificate has run out`,
    };
  if (VERIFY_ERROR.test(code))
    return {
      cause: 'unreachable',
      message: `The certificate of ${host} is not trusted (${code}): a login page of the network, a proxy that opens TLS, or an ActiveGate with its own certificate, which the sink's option ca names`,
    };
  if (TLS_ERROR.test(code))
    return { cause: 'unreachable', message: `${host} does not speak TLS as expected (${code})` };
  return { cause: 'unreachable', message: serverText(`${host}: ${WORDS[code] ?? said} (${code})`) };
}

/** Whether the failure came before the first byte of the request could be sent. */
export function failedBeforeSending(error: unknown): boolean {
  const code = errorCode(error);
  return BEFORE_SENDING.has(code) || DATE_ERRORS.has(code) || VERIFY_ERROR.test(code) || TLS_ERROR.test(code);
}

/** Whether a kept connection fails like this when its server has closed it meanwhile. */
export function isClosedConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(errorCode(error));
}

/** The code of an error, or of the first of the attempts that failed (one per address of the host). */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && !('code' in error && typeof error.code === 'string'))
    return errorCode(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
