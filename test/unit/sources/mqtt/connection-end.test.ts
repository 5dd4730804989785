import { describe, expect, it } from 'vitest';
import {
  endOfConnack,
  endOfDisconnect,
  endOfFingerprint,
  endOfOversize,
  endOfSocketError,
} from '../../../../src/sources/mqtt/connection-end.ts';

describe('The end of a connection', () => {
  it.each([
    ['ECONNREFUSED', 'unreachable'],
    ['ENOTFOUND', 'unreachable'],
    ['CERT_NOT_YET_VALID', 'clock'],
    ['CERT_HAS_EXPIRED', 'clock'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'untrusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'untrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'untrusted'],
    ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'untrusted'],
    ['INVALID_CA', 'untrusted'],
    ['INVALID_PURPOSE', 'untrusted'],
    ['HOSTNAME_MISMATCH', 'untrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'untrusted'],
  ])('by %s is %s', (code, cause) => {
    expect(endOfSocketError(Object.assign(new Error('no'), { code })).cause).toBe(cause);
  });

  it.each([
    [1, 'version'],
    [0x84, 'version'],
    [2, 'identity'],
    [0x85, 'identity'],
    [4, 'credentials'],
    [5, 'credentials'],
    [0x86, 'credentials'],
    [0x87, 'credentials'],
    [3, 'refused'],
    [0x88, 'refused'],
  ])('by CONNACK %i is %s', (code, cause) => {
    expect(endOfConnack(code).cause).toBe(cause);
  });

  it('by DISCONNECT says whether another client took over', () => {
    expect(endOfDisconnect(0x8e)).toMatchObject({ cause: 'identity', hint: expect.stringContaining('clientId') });
    expect(endOfDisconnect(0x87).cause).toBe('credentials');
    expect(endOfDisconnect(0x8b).cause).toBe('lost');
  });

  it('always has a hint where a person is needed', () => {
    for (const end of [endOfFingerprint('AA'), endOfOversize(1e8), endOfConnack(5), endOfConnack(2), endOfConnack(1)]) {
      expect(end.hint).not.toBeNull();
    }
  });
});
