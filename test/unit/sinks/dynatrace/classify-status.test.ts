import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../src/model/outcome.ts';
import { Secret } from '../../../../src/platform/secret.ts';
import { classified, envelope, NOW, PAGE, STRANGE_TOKEN, validation, type Given } from '../../../support/classified.ts';

/** How long a 429 with these headers asks to wait. */
function wait(headers: Record<string, string>): unknown {
  const outcome = classified(429, '', { headers });
  return outcome.kind === 'retry' ? outcome.retryAfterMs : null;
}

/** What a person is told to do about it. */
function hint(status: number, given: Given = {}, body: unknown = ''): string {
  const outcome = classified(status, body, given);
  return outcome.kind === 'blocked' && outcome.cause === 'credentials' ? outcome.hint : '';
}

function dated(date: string): Outcome {
  return classified(503, '', { headers: { date } });
}

describe('a busy server', () => {
  it('is tried again, whatever its body is', () => {
    for (const status of [408, 425, 429, 500, 502, 503, 504, 599])
      for (const body of ['', PAGE, envelope(status, 'later'), '\u0000'])
        expect(classified(status, body)).toMatchObject({ kind: 'retry', cause: 'busy', status });
    expect(classified(429, envelope(429, 'Too many requests.'))).toMatchObject({
      message: 'HTTP 429: Too many requests.',
    });
    expect(classified(503, '')).not.toHaveProperty('retryAfterMs');
  });

  it('says for how long: in seconds, as a date, in microseconds of its own clock; the longest counts', () => {
    const date = 'Fri, 20 Nov 2026 11:00:00 GMT';
    expect(wait({ 'retry-after': '17' })).toBe(17_000);
    expect(wait({ 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' })).toBe(30_000);
    expect(wait({ 'retry-after': 'Fri, 20 Nov 2026 11:00:30 GMT', date })).toBe(30_000);
    expect(wait({ 'x-ratelimit-reset': String((NOW + 20_000) * 1000) })).toBe(20_000);
    expect(wait({ 'x-ratelimit-reset': String((NOW + 20_000) * 1000), 'retry-after': '5' })).toBe(20_000);
    for (const nonsense of ['-5', '0', 'soon', '', '1e3', 'Fri, 20 Nov 2020 12:00:30 GMT'])
      expect(wait({ 'retry-after': nonsense })).toBeUndefined();
    expect(wait({ 'retry-after': '999999999' })).toBe(15 * 60_000);
    expect(wait({ 'x-ratelimit-reset': String(NOW) })).toBeUndefined();
  });
});

describe('an answer only a person can change', () => {
  it('about credentials names the token, the scope of the route, or the address', () => {
    const missing = envelope(403, 'Token is missing required scope. Use one of: metrics.ingest (Ingest metrics)');
    expect(classified(403, missing)).toMatchObject({
      kind: 'blocked',
      cause: 'credentials',
      message: 'HTTP 403: Token is missing required scope. Use one of: metrics.ingest (Ingest metrics)',
      hint: expect.stringContaining('scope metrics.ingest') as unknown,
    });
    expect(hint(403, { late: true })).toContain('scope bizevents.ingest');
    expect(hint(401)).toContain('does not know this token');
    expect(hint(404)).toContain('/e/<environment id>');
    expect(hint(405)).toContain('https://abc12345.live.dynatrace.com/');
    expect(hint(404, {}, PAGE)).toContain('login page');
    expect(hint(402)).toContain('licence');
    expect(hint(404, { url: new URL('https://abc12345.apps.dynatrace.com') })).toContain(
      'url to https://abc12345.live.dynatrace.com',
    );
    expect(hint(404, { url: new URL('https://abc12345.live.apps.dynatrace.com') })).toContain(
      'url to https://abc12345.live.dynatrace.com',
    );
  });

  it('from between us and Dynatrace is never taken for its answer', () => {
    for (const status of [200, 201, 204, 301, 302, 303, 307, 308, 304, 407, 511])
      for (const body of ['', PAGE, { linesOk: 3, linesInvalid: 0 }])
        expect(classified(status, body)).toMatchObject({ kind: 'blocked', cause: 'page', status });
    expect(classified(200, PAGE)).toMatchObject({
      message: 'HTTP 200: Hotel Wi-Fi Please log in',
      hint: expect.stringContaining('captive portal') as unknown,
    });
    expect(classified(302, '', { headers: { location: 'http://login.hotel/?x' } })).toMatchObject({
      message: 'HTTP 302: redirected to http://login.hotel/?x',
    });
    expect(classified(200, PAGE, { url: new URL('https://abc12345.apps.dynatrace.com') })).toMatchObject({
      hint: expect.stringContaining('web interface') as unknown,
    });
  });
});

describe('every answer', () => {
  it('gives the server time with half a second for what its header cuts off, if it is a date', () => {
    expect(dated('Fri, 20 Nov 2026 12:00:00 GMT')).toMatchObject({ serverDate: NOW + 500 });
    for (const text of ['yesterday', '1', '2026-11-20T12:00:00Z', ''])
      expect(dated(text)).not.toHaveProperty('serverDate');
  });

  it('is one line of at most 500 characters without secrets', () => {
    expect(new Secret({ value: 'my-own-secret' }).reveal()).toBe('my-own-secret');
    const bodies = [
      envelope(403, `token ${STRANGE_TOKEN}, again my-own-secret\r\nnext\u0000 line ${'x'.repeat(2_000)}`),
      `<p>my-own-secret ${STRANGE_TOKEN}</p>${'<b>😀</b>'.repeat(5_000)}`,
      `${'y'.repeat(450)}${STRANGE_TOKEN}`,
    ];
    for (const status of [200, 400, 403, 413, 503])
      for (const body of bodies) {
        const text = JSON.stringify(classified(status, body));
        expect(text).not.toMatch(/my-own-secret|A1A1|Z9Z9/);
        const { message } = JSON.parse(text) as { message: string };
        expect(message.length).toBeLessThanOrEqual(500);
        expect(message).not.toMatch(/\p{Cc}/u);
        expect(message.isWellFormed()).toBe(true);
      }
    const line = classified(400, validation(2, 1, [[1, `${STRANGE_TOKEN}\n${'z'.repeat(900)}`]]));
    expect(line.kind === 'partial' && line.refused[0]?.message).toMatch(/^\*\*\* z+…$/);
  });

  it('survives bodies that are no JSON, nothing, or hostile', () => {
    const bodies = [
      '',
      '{',
      '<',
      '['.repeat(100_000),
      'null',
      '"text"',
      '{"error":null}',
      '{"error":7}',
      '\uD800',
      '<'.repeat(300_000),
    ];
    for (const status of [100, 200, 202, 302, 400, 401, 404, 413, 415, 429, 500])
      for (const body of bodies) expect(classified(status, body).kind).toMatch(/^(partial|retry|refused|blocked)$/);
  });
});
