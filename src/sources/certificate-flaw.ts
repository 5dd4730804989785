import { errorCode } from './error-code.ts';

const DATE_CODES = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED']);
const CERTIFICATE_CODE = /CERT|UNABLE_TO_(?:VERIFY_LEAF|DECODE_ISSUER)|^INVALID_(?:CA|PURPOSE)$|^HOSTNAME_MISMATCH$/;

/** What is wrong with a peer's certificate: its dates, which may also be our clock, or whose it is; null for any other error. */
export function certificateFlaw(error: unknown): 'dates' | 'untrusted' | null {
  const code = errorCode(error);
  if (DATE_CODES.has(code)) return 'dates';
  return CERTIFICATE_CODE.test(code) ? 'untrusted' : null;
}
