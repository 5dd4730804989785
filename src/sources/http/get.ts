import type { DurationMs } from '../../model/time.ts';
import type { Login } from './login.ts';

export type GetResult =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  /** The device wants another login. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface GetOptions {
  readonly login: Login;
  /** For the whole exchange, login included. */
  readonly timeoutMs: DurationMs;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** Asks once, and again where the device wants a login first. Never rejects for what the world does. */
export async function get(url: string, options: GetOptions): Promise<GetResult> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  try {
    let response = await ask(url, options.login, signal);
    if (response.status === 401 && options.login.challenged(response.headers.get('www-authenticate') ?? '')) {
      await response.body?.cancel();
      response = await ask(url, options.login, signal);
    }
    const bytes = await readUpTo(response, options.maxBytes);
    if (response.status === 401 || response.status === 403)
      return { kind: 'refused', reason: `it refuses the login (${response.status})` };
    if (response.status !== 200) return { kind: 'failed', reason: reasonOfStatus(response) };
    if (bytes === null) return { kind: 'failed', reason: `an answer of more than ${options.maxBytes} bytes` };
    return { kind: 'answer', bytes };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error, options.timeoutMs) };
  }
}

function ask(url: string, login: Login, signal: AbortSignal): Promise<Response> {
  const { pathname, search } = new URL(url);
  const authorization = login.header(`${pathname}${search}`);
  const headers = { accept: 'application/json', ...(authorization === null ? {} : { authorization }) };
  // A redirect leads to a portal or to another device; neither is what was asked.
  return fetch(url, { headers, redirect: 'manual', signal });
}

/** Null when there is more. */
async function readUpTo(response: Response, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOfStatus({ status, headers }: Response): string {
  const location = headers.get('location');
  return location === null ? `HTTP ${status}` : `HTTP ${status}, a redirect to ${location.slice(0, 100)}`;
}

function reasonOf(error: unknown, timeoutMs: DurationMs): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const cause: unknown = error.cause;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
