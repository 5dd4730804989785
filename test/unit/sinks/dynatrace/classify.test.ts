import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../src/model/outcome.ts';
import { Secret } from '../../../../src/platform/secret.ts';
import { answerHeaders } from '../../../../src/sinks/dynatrace/answer-headers.ts';
import { bizeventsDialect } from '../../../../src/sinks/dynatrace/bizevents.ts';
import { classify } from '../../../../src/sinks/dynatrace/classify.ts';
import { metricsDialect } from '../../../../src/sinks/dynatrace/metrics-route.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const URL_LIVE = new URL('https://abc12345.live.dynatrace.com');
const TOKEN = `dt0c01.${'A1'.repeat(12)}.${'Z9'.repeat(32)}`;
const PAGE = '<!DOCTYPE html><html><head><title>Hotel Wi-Fi</title></head><body>Please <b>log in</b></body></html>';

interface Given {
  readonly items?: number;
  /** Lines of our own behind the items. */
  readonly extra?: number;
  readonly headers?: Record<string, string>;
  readonly identity?: boolean;
  readonly url?: URL;
  readonly late?: boolean;
}

function classified(status: number, body: unknown, given: Given = {}): Outcome {
  const items = Array.from({ length: given.items ?? 3 }, (_, i) => JSON.stringify({ 'event.id': `db-${i}` }));
  const headers = answerHeaders({ 'content-type': 'application/json', ...given.headers }, NOW);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const sent = { items, lines: items.length + (given.extra ?? 0), compressed: given.identity !== true };
  const dialect = given.late === true ? bizeventsDialect : metricsDialect;
  const answer = { kind: 'answered', status, headers, body: text, bytesSent: 9 } as const;
  return classify(answer, sent, dialect, given.url ?? URL_LIVE);
}

function validation(
  ok: number,
  invalid: number,
  lines: readonly [number, string][],
  message = `${invalid} invalid lines`,
) {
  const invalidLines = lines.map(([line, error]) => ({ line, error }));
  return { linesOk: ok, linesInvalid: invalid, error: { code: 400, message, invalidLines }, warnings: null };
}

/** How long a 429 with these headers asks to wait. */
function wait(headers: Record<string, string>): unknown {
  const outcome = classified(429, '', { headers });
  return outcome.kind === 'retry' ? outcome.retryAfterMs : null;
}

function dated(date: string): Outcome {
  return classified(503, '', { headers: { date } });
}

const envelope = (code: number, message: string) => ({ error: { code, message, constraintViolations: null } });

describe('a 202', () => {
  it('with a count is accepted, whoever counts', () => {
    const bodies = [
      { linesOk: 3, linesInvalid: 0, error: null, warnings: null },
      { error: null, linesValid: 3, linesInvalid: 0 },
      {
        linesOk: 3,
        linesInvalid: 0,
        error: null,
        warnings: { message: 'x', warningLines: [{ line: 1, warning: 'y' }] },
      },
      { linesOk: 3, linesInvalid: 0, error: null, warnings: { message: 'x', changedMetricKeys: [] } },
    ];
    for (const body of bodies) expect(classified(202, body)).toEqual({ kind: 'accepted', status: 202, bytesSent: 9 });
  });

  it('that counts invalid lines is partial like a 400', () => {
    expect(classified(202, validation(2, 1, [[2, 'bad']]))).toMatchObject({
      kind: 'partial',
      refused: [{ index: 1, message: 'bad' }],
      unlisted: 0,
    });
  });

  it('without a count is no success: somebody else answered', () => {
    for (const body of ['', 'OK', '{}', '[]', 'null', '{"linesOk":"3"}', '{"linesOk":-1}', PAGE])
      expect(classified(202, body)).toMatchObject({ kind: 'blocked', cause: 'page', status: 202 });
    const asPage = { 'content-type': 'text/html' };
    expect(classified(202, { linesOk: 3 }, { headers: asPage })).toMatchObject({ kind: 'blocked', cause: 'page' });
  });

  it('that counts nothing as stored leaves everything owed', () => {
    expect(classified(202, { linesOk: 0, linesInvalid: 0 })).toMatchObject({ kind: 'retry', cause: 'busy' });
    expect(classified(202, { linesOk: 0, linesInvalid: 0 }, { items: 0, extra: 1 })).toMatchObject({
      kind: 'accepted',
    });
  });
});

describe('a 400 in the form of the metrics API', () => {
  it('refuses the listed lines alone: the texts seen in practice', () => {
    const texts = [
      'unexpected end of input',
      "inconsistent gauge fields: min <= avg <= max doesn't hold: min: 35.689672, max: 35.689672, sum: 35.669104, count: 1, avg: 35.669104, tolerance: 0.000001",
      'inconsistent gauge fields: count == 0 => min, max, sum == 0: min: 0.000000, max: 1642.000000, sum: 0.000000, count: 0',
      'invalid metric key',
      "failed to parse metric key of message 'system.load.average.1m 2.33154 1608218155858'; error at '1'  (index 20)",
      'dimension value length exceeded: 401 > 250',
    ];
    for (const text of texts) {
      expect(classified(400, validation(115, 1, [[19, text]]), { items: 116 })).toEqual({
        kind: 'partial',
        status: 400,
        bytesSent: 9,
        refused: [{ index: 18, message: text }],
        unlisted: 0,
      });
    }
  });

  it('may carry members nobody documented, and warnings', () => {
    const body = {
      linesOk: 0,
      linesInvalid: 1,
      error: {
        code: 400,
        message: '1 invalid lines',
        invalidLines: [{ line: 1, error: 'unexpected end of input', identifier: 'aerospike_x' }],
      },
      warnings: {
        message: 'First 22 warnings reported',
        warningLines: [{ line: 8, warning: "metric key 'executor.completed' changed to 'executor.completed.count'" }],
      },
    };
    expect(classified(400, body, { items: 1 })).toMatchObject({
      kind: 'partial',
      refused: [{ index: 0 }],
      unlisted: 0,
    });
  });

  it('with a capped list counts what is not listed', () => {
    const ten = Array.from({ length: 10 }, (_, i): [number, string] => [i + 1, 'invalid metric key']);
    const outcome = classified(400, validation(470, 30, ten, 'First 10 errors reported'), { items: 500 });
    expect(outcome).toMatchObject({ kind: 'partial', unlisted: 20 });
    expect(outcome.kind === 'partial' && outcome.refused.map((item) => item.index)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('without a list names the one line it can mean', () => {
    const body = { linesOk: 0, linesInvalid: 1, error: { code: 400, message: 'bad line' } };
    expect(classified(400, body, { items: 1 })).toMatchObject({
      refused: [{ index: 0, message: 'bad line' }],
      unlisted: 0,
    });
    expect(classified(400, body, { items: 1, extra: 1 })).toMatchObject({ refused: [], unlisted: 1 });
    expect(classified(400, body, { items: 2 })).toMatchObject({ refused: [], unlisted: 2 });
  });

  it('counts lines the answer does not account for as unlisted', () => {
    expect(classified(400, validation(5, 1, [[1, 'bad']]), { items: 10 })).toMatchObject({
      refused: [{ index: 0 }],
      unlisted: 4,
    });
  });

  it('about lines of our own behind the items refuses no item', () => {
    expect(classified(400, validation(3, 1, [[4, 'bad']]), { items: 3, extra: 1 })).toMatchObject({ kind: 'accepted' });
    expect(classified(400, validation(0, 1, [[1, 'bad']]), { items: 0, extra: 1 })).toMatchObject({ kind: 'accepted' });
    expect(
      classified(
        400,
        validation(2, 2, [
          [1, 'a'],
          [4, 'b'],
        ]),
        { items: 3, extra: 1 },
      ),
    ).toMatchObject({
      refused: [{ index: 0, message: 'a' }],
      unlisted: 0,
    });
  });

  it('naming lines that were not sent blames none that were', () => {
    const odd: [number, string][] = [
      [0, 'a'],
      [4, 'b'],
      [1.5, 'c'],
      [2, 'd'],
      [2, 'e'],
    ];
    expect(classified(400, validation(1, 2, odd), { items: 3 })).toMatchObject({
      refused: [{ index: 1, message: 'e' }],
      unlisted: 1,
    });
  });

  it('that took nothing and names nothing refused the whole body', () => {
    expect(classified(400, { linesOk: 0, linesInvalid: 0, error: envelope(400, 'no').error })).toMatchObject({
      kind: 'refused',
      tryIdentity: true,
    });
  });
});

describe('an answer that refuses the body', () => {
  it('is worth another try uncompressed, unless it was, and unless it is too large', () => {
    const badRequest = 'Error 400 Bad Request';
    for (const [status, body] of [
      [400, envelope(400, 'Could not read body')],
      [400, `<html><body>${badRequest}</body></html>`],
      [400, ''],
      [415, envelope(415, 'Unsupported media type')],
      [415, ''],
    ] as const) {
      expect(classified(status, body)).toMatchObject({ kind: 'refused', tryIdentity: true, status });
      expect(classified(status, body, { identity: true })).toMatchObject({ kind: 'refused', tryIdentity: false });
    }
    for (const body of ['', PAGE, envelope(413, 'Payload too large')])
      expect(classified(413, body)).toMatchObject({ kind: 'refused', tryIdentity: false });
    expect(classified(400, `<html>${badRequest}</html>`)).toMatchObject({ message: `HTTP 400: ${badRequest}` });
  });
});

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
    const hint = (status: number, given: Given = {}, body: unknown = ''): string => {
      const outcome = classified(status, body, given);
      return outcome.kind === 'blocked' && outcome.cause === 'credentials' ? outcome.hint : '';
    };
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

describe('business events', () => {
  it('are accepted by a 202, with or without a body, but not by a page', () => {
    expect(classified(202, '', { late: true })).toMatchObject({ kind: 'accepted' });
    expect(classified(202, '{"x":1}', { late: true })).toMatchObject({ kind: 'accepted' });
    expect(classified(202, PAGE, { late: true })).toMatchObject({ kind: 'blocked', cause: 'page' });
  });

  it('are refused by index from 0, or by their own id where the answer has it', () => {
    const errors = [
      { id: 'x', index: 2, message: 'bad event', source: 'y' },
      { id: 'db-0', index: 1, message: 'worse', source: null },
    ];
    for (const body of [{ errors }, { error: { code: 400, message: 'm', errors } }])
      expect(classified(400, body, { late: true })).toMatchObject({
        kind: 'partial',
        refused: [
          { index: 0, message: 'worse' },
          { index: 2, message: 'bad event' },
        ],
        unlisted: 0,
      });
  });

  it('with errors nobody can place are refused as a whole', () => {
    for (const errors of [[], [{ index: 7, message: 'm' }], [{ message: 'm' }], [7], 'x'])
      expect(classified(400, { errors }, { late: true })).toMatchObject({ kind: 'refused' });
    expect(classified(400, envelope(400, 'not JSON'), { late: true })).toMatchObject({ kind: 'refused' });
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
      envelope(403, `token ${TOKEN}, again my-own-secret\r\nnext\u0000 line ${'x'.repeat(2_000)}`),
      `<p>my-own-secret ${TOKEN}</p>${'<b>😀</b>'.repeat(5_000)}`,
      `${'y'.repeat(450)}${TOKEN}`,
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
    const line = classified(400, validation(2, 1, [[1, `${TOKEN}\n${'z'.repeat(900)}`]]));
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
