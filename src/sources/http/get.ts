import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { DurationMs } from '../../model/time.ts';
import { sharedLookup } from '../../platform/shared-lookup.ts';
import { certificateFlaw } from '../certificate-flaw.ts';
import { errorCode } from '../error-code.ts';
import type { Login } from './login.ts';
import type { PasswordUse } from './password-trials.ts';
import type { Refusal } from './refusals.ts';

export type GetResult =
  | { readonly kind: 'answer'; readonly password: 'sent' | 'none'; readonly bytes: Uint8Array }
  /** A person has to do something: the login or the certificate is not the right one. */
  | ({ readonly kind: 'refused'; readonly password: 'sent' | 'kept back' | 'none' } & Refusal)
  | { readonly kind: 'failed'; readonly password: 'sent' | 'none'; readonly reason: string };

export interface GetOptions {
  readonly login: Login;
  readonly password: PasswordUse;
  /** PEM text of the authorities to trust instead of the system's; null: those. */
  readonly ca: string | null;
  /** For the whole exchange, login included. */
  readonly timeoutMs: DurationMs;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const LOGIN_HINT = 'Set `username` and `password` to those of the device.';
const CERTIFICATE_HINT = "Set `ca` to the file of the authority that signed the device's certificate.";

/** Asks once, and again where the device wants a login first. Never rejects for what the world does. */
export async function get(address: string, options: GetOptions): Promise<GetResult> {
  const url = new URL(address);
  const { login, password } = options;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const uri = `${url.pathname}${url.search}`;
  let authorization = password === 'at once' ? login.header(uri) : null;
  try {
    let response = await ask(url, authorization, options, signal);
    if (
      response.statusCode === 401 &&
      password !== 'not now' &&
      login.challenged(response.headers['www-authenticate'] ?? '', authorization !== null)
    ) {
      response.destroy();
      authorization = login.header(uri);
      response = await ask(url, authorization, options, signal);
    }
    const { statusCode: status = 0 } = response;
    const bytes = await readUpTo(response, options.maxBytes);
    const sent = authorization === null ? 'none' : 'sent';
    if (status === 401 || status === 403) {
      const withheld = status === 401 && password === 'not now' ? 'kept back' : 'none';
      return {
        kind: 'refused',
        reason: `it refuses the login (${status})`,
        hint: LOGIN_HINT,
        password: authorization === null ? withheld : 'sent',
      };
    }
    if (status !== 200) return { kind: 'failed', password: sent, reason: reasonOfStatus(response) };
    if (bytes === null)
      return { kind: 'failed', password: sent, reason: `an answer of more than ${options.maxBytes} bytes` };
    return { kind: 'answer', password: sent, bytes };
  } catch (error) {
    const sent = authorization === null ? 'none' : 'sent';
    const { reason: aborted } = signal as { reason: unknown };
    const isLate = aborted instanceof Error && aborted.name === 'TimeoutError';
    return isLate
      ? { kind: 'failed', password: sent, reason: `no answer within ${options.timeoutMs / 1000} s` }
      : resultOf(error, sent);
  }
}

/** Redirects are not followed: they lead to a portal or to another device, and neither is what was asked. */
function ask(
  url: URL,
  authorization: string | null,
  { ca }: GetOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const headers = { accept: 'application/json', ...(authorization === null ? {} : { authorization }) };
  // A connection of its own each time: small devices have few, and one that is kept may be dead when it is used again.
  const options = { headers, agent: false, lookup: sharedLookup, signal };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? // Said out loud, because a variable can turn the default off.
          requestHttps(url, { ...options, rejectUnauthorized: true, ...(ca !== null && { ca }) })
        : requestHttp(url, options);
    request.on('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

/** Null when there is more. */
async function readUpTo(response: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOfStatus({ statusCode, headers: { location } }: IncomingMessage): string {
  return location === undefined ? `HTTP ${statusCode}` : `HTTP ${statusCode}, a redirect to ${location.slice(0, 100)}`;
}

function resultOf(error: unknown, password: 'sent' | 'none'): Exclude<GetResult, { kind: 'answer' }> {
  const code = errorCode(error);
  const flaw = certificateFlaw(error);
  if (flaw === 'untrusted')
    return {
      kind: 'refused',
      reason: `its certificate is not trusted (${code})`,
      hint: CERTIFICATE_HINT,
      password: 'none',
    };
  if (flaw === 'dates')
    return {
      kind: 'failed',
      password,
      reason: `its certificate is not valid at the time of this machine's clock (${code})`,
    };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', password, reason: code === '' ? message : code };
}
