/** HTTP digest access authentication with SHA-256 (RFC 7616), as Shelly devices of the second generation on ask for it. */
import { createHash } from 'node:crypto';

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
}

export interface DigestRequest {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly uri: string;
  /** How often this nonce was used, from 1. */
  readonly count: number;
  /** A random text. */
  readonly cnonce: string;
}

/** Where the next challenge begins in a header that holds several: a scheme, and the first of its parameters. */
const NEXT_CHALLENGE = /(?:^|,)\s*(?=[a-z]+\s+[a-z]+\s*=)/i;
const PARAMETER = /(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g;

/** Reads `WWW-Authenticate`; null when no digest with SHA-256 and `qop=auth` is asked for. */
export function parseChallenge(header: string): DigestChallenge | null {
  for (const challenge of header.split(NEXT_CHALLENGE)) {
    const parameters = /^digest\s+/i.test(challenge) ? digestOf(challenge) : null;
    if (parameters !== null) return parameters;
  }
  return null;
}

function digestOf(challenge: string): DigestChallenge | null {
  const pairs = challenge.matchAll(PARAMETER);
  const fields = new Map([...pairs].map(([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? '']));
  const [realm, nonce] = [fields.get('realm'), fields.get('nonce')];
  const offered = (fields.get('qop') ?? '').split(',').map((qop) => qop.trim());
  if (realm === undefined || nonce === undefined || !offered.includes('auth')) return null;
  if (fields.get('algorithm')?.toUpperCase() !== 'SHA-256') return null;
  return { realm, nonce, opaque: fields.get('opaque') ?? null };
}

/** The value of `Authorization` (RFC 7616, 3.4). */
export function authorize({ realm, nonce, opaque }: DigestChallenge, request: DigestRequest): string {
  const { username, password, method, uri, cnonce } = request;
  const count = request.count.toString(16).padStart(8, '0');
  const a1 = sha256(`${username}:${realm}:${password}`);
  const a2 = sha256(`${method}:${uri}`);
  const response = sha256(`${a1}:${nonce}:${count}:${cnonce}:auth:${a2}`);
  return [
    `Digest username="${username.replaceAll(/["\\]/g, '\\$&')}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    'algorithm=SHA-256',
    'qop=auth',
    `nc=${count}`,
    `cnonce="${cnonce}"`,
    `response="${response}"`,
    ...(opaque === null ? [] : [`opaque="${opaque}"`]),
  ].join(', ');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
