import { gzipSync } from 'node:zlib';
import { TOKEN } from '../../../support/dynatrace.ts';

/** Noon of a day, in the middle of no minute's edge. */
export const NOON = Date.UTC(2026, 10, 20, 12, 0, 30);

export const METRICS = '/api/v2/metrics/ingest';
export const EVENTS = '/api/v2/bizevents/ingest';

interface Options {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly gzip?: boolean;
  readonly signal?: AbortSignal;
}

/** A plain client of the ingest API: no retries, no redirects. */
export async function post(url: string, body: string, options: Options = {}): Promise<Response> {
  const { path = METRICS, method = 'POST', gzip = false } = options;
  return fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Api-Token ${TOKEN}`,
      'content-type': path.endsWith(EVENTS) ? 'application/json' : 'text/plain; charset=utf-8',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      ...options.headers,
    },
    ...(method === 'POST' ? { body: gzip ? gzipSync(body) : body } : {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

export async function postJson(
  url: string,
  body: string,
  options: Options = {},
): Promise<{ status: number; json: unknown }> {
  const response = await post(url, body, options);
  return { status: response.status, json: await response.json() };
}
