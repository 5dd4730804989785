import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StandIn } from '../../../../src/simulate/dynatrace/stand-in.ts';
import { seriesOf, startDynatrace, storedValues, TOKEN } from '../../../support/dynatrace.ts';
import { METRICS, NOON, post, postJson } from './client.ts';

let dynatrace: StandIn;

beforeEach(async () => {
  dynatrace = await startDynatrace({ now: () => NOON });
});

afterEach(async () => {
  await dynatrace.stop();
});

const envelope = (code: number, message: unknown = expect.any(String)) => ({
  status: code,
  json: { error: { code, message, constraintViolations: null } },
});

describe('the metrics endpoint', () => {
  it('answers 202 with the count, JSON and its own Date when every line is good', async () => {
    const response = await post(dynatrace.url, 'abc 1\nabc,device=a 2', { gzip: true });
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('date')).toBe('Fri, 20 Nov 2026 12:00:30 GMT');
    expect(await response.json()).toEqual({ linesOk: 2, linesInvalid: 0, error: null, warnings: null });
  });

  it('answers under /e/<environment> too, with a query, and nowhere else', async () => {
    expect((await post(dynatrace.url, 'abc 1', { path: `/e/abc-123${METRICS}` })).status).toBe(202);
    expect((await post(dynatrace.url, 'abc 1', { path: `${METRICS}?x=1` })).status).toBe(202);
    expect(await postJson(dynatrace.url, 'abc 1', { path: '/metrics/ingest' })).toEqual(envelope(404));
    expect(await postJson(dynatrace.url, 'abc 1', { path: `${METRICS}/` })).toEqual(envelope(404));
  });

  it('takes POST only', async () => {
    const response = await post(dynatrace.url, '', { method: 'GET' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it.each([
    ['absent', ''],
    ['another', 'Api-Token dt0c01.X.Y'],
    ['a bearer', `Bearer ${TOKEN}`],
  ])('answers 401 when the token is %s', async (_, authorization) => {
    expect(await postJson(dynatrace.url, 'abc 1', { headers: { authorization } })).toEqual(envelope(401));
    expect(dynatrace.series()).toEqual([]);
  });

  it('answers 403 with the missing scope', async () => {
    dynatrace.fault({ kind: 'scopes', scopes: ['bizevents.ingest'] });
    const text = 'Token is missing required scope. Use one of: metrics.ingest (Ingest metrics)';
    expect(await postJson(dynatrace.url, 'abc 1')).toEqual(envelope(403, text));
  });

  it('answers 415 to another content type or encoding, and to gzip where it is off', async () => {
    expect(await postJson(dynatrace.url, 'abc 1', { headers: { 'content-type': 'application/json' } })).toEqual(
      envelope(415),
    );
    expect(await postJson(dynatrace.url, 'abc 1', { headers: { 'content-encoding': 'br' } })).toEqual(envelope(415));
    dynatrace.fault({ kind: 'rules', rules: { gzip: false } });
    expect(await postJson(dynatrace.url, 'abc 1', { gzip: true })).toEqual(envelope(415));
    expect((await post(dynatrace.url, 'abc 1')).status).toBe(202);
  });

  it('answers 400 in its own form, without line counts, to a body that cannot be decoded', async () => {
    expect(await postJson(dynatrace.url, 'no gzip', { headers: { 'content-encoding': 'gzip' } })).toEqual(
      envelope(400),
    );
  });

  it('answers 413 to more than a million bytes before compression, and stores nothing of it', async () => {
    const line = 'abc,device=a 1\n';
    const fits = line.repeat(Math.floor(1_000_000 / line.length)) + 'abc 123456';
    expect(fits.length).toBe(1_000_000);
    expect((await post(dynatrace.url, fits, { gzip: true })).status).toBe(202);
    dynatrace.clear();
    expect(await postJson(dynatrace.url, `${fits}7`, { gzip: true })).toEqual(envelope(413));
    expect(storedValues(dynatrace)).toBe(0);
  });

  it('stores the good lines of a 400 and names every bad one, counted from 1', async () => {
    expect(await postJson(dynatrace.url, 'abc 1\nabc 1e9\nabc 3\n1abc 4')).toEqual({
      status: 400,
      json: {
        linesOk: 2,
        linesInvalid: 2,
        error: {
          code: 400,
          message: '2 invalid lines',
          invalidLines: [
            { line: 2, error: "invalid number in message '1e9'" },
            { line: 4, error: 'invalid metric key' },
          ],
        },
        warnings: null,
      },
    });
    expect(seriesOf(dynatrace, 'abc')[0]?.slots).toMatchObject([{ sum: 4, count: 2 }]);
  });

  it('names only the first ten bad lines where lists are capped', async () => {
    dynatrace.fault({ kind: 'rules', rules: { errorsListed: 10 } });
    const { json } = await postJson(dynatrace.url, Array.from({ length: 25 }, () => '1abc 1').join('\n'));
    expect(json).toMatchObject({ linesInvalid: 25, error: { message: 'First 10 errors reported' } });
    expect((json as { error: { invalidLines: unknown[] } }).error.invalidLines).toHaveLength(10);
  });

  it('warns of a unit it leaves out, in `warningLines`', async () => {
    expect(await postJson(dynatrace.url, '#abc gauge dt.meta.unit=m³')).toMatchObject({
      status: 202,
      json: { linesOk: 1, warnings: { warningLines: [{ line: 1, warning: "invalid unit 'm³'" }] } },
    });
  });

  it('holds a trailing line feed for an invalid line, unless told otherwise', async () => {
    expect((await post(dynatrace.url, 'abc 1\n')).status).toBe(400);
    dynatrace.fault({ kind: 'rules', rules: { blankLines: 'ignored' } });
    expect(await postJson(dynatrace.url, 'abc 1\n')).toMatchObject({ status: 202, json: { linesOk: 1 } });
  });
});

describe('the time window of an hour back and ten minutes ahead', () => {
  const lines = [-3_600_000, -3_599_999, 599_999, 600_000].map((d) => `abc 1 ${NOON + d}`).join('\n');

  it('makes an invalid line of a point outside it (mode A)', async () => {
    const { status, json } = await postJson(dynatrace.url, lines);
    expect(status).toBe(400);
    expect(json).toMatchObject({ linesOk: 2, error: { invalidLines: [{ line: 1 }, { line: 4 }] } });
    expect(storedValues(dynatrace)).toBe(2);
    expect(dynatrace.rejections).toEqual({});
  });

  it('counts it as OK and drops it unseen but for the rejections (mode B)', async () => {
    dynatrace.fault({ kind: 'rules', rules: { timestamps: 'drop' } });
    expect(await postJson(dynatrace.url, lines)).toMatchObject({ status: 202, json: { linesOk: 4, linesInvalid: 0 } });
    expect(storedValues(dynatrace)).toBe(2);
    expect(dynatrace.rejections).toEqual({ abc: 2 });
  });

  it('moves with its clock, in both modes', async () => {
    dynatrace.fault({ kind: 'skew', ms: 7_200_000 });
    const response = await post(dynatrace.url, `abc 1 ${NOON}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('date')).toBe('Fri, 20 Nov 2026 14:00:30 GMT');
    dynatrace.fault({ kind: 'rules', rules: { timestamps: 'drop' } });
    expect((await post(dynatrace.url, `abc 1 ${NOON}`)).status).toBe(202);
    expect(storedValues(dynatrace)).toBe(0);
    dynatrace.heal('skew');
    expect((await post(dynatrace.url, `abc 1 ${NOON}`)).status).toBe(202);
    expect(storedValues(dynatrace)).toBe(1);
  });

  it('takes a line without a time for one of now', async () => {
    await post(dynatrace.url, 'abc 1');
    expect(seriesOf(dynatrace, 'abc')[0]?.slots[0]?.at).toBe(NOON - 30_000);
  });
});

describe('storage', () => {
  it('merges the lines of a series and minute into one slot and shows how many they were', async () => {
    await post(
      dynatrace.url,
      [
        `abc,a=1,b=2 gauge,min=2,max=4,sum=6,count=2 ${NOON}`,
        `abc,b=2,a=1 1 ${NOON + 1000}`,
        `abc,a=1,b=2 9 ${NOON + 30_000}`,
      ].join('\n'),
    );
    expect(dynatrace.series()).toEqual([
      {
        key: 'abc',
        type: 'gauge',
        dimensions: { a: '1', b: '2' },
        slots: [
          {
            at: NOON - 30_000,
            min: 1,
            max: 4,
            sum: 7,
            count: 3,
            lines: 2,
            arrivals: [
              { at: NOON, value: 'gauge,min=2,max=4,sum=6,count=2' },
              { at: NOON + 1000, value: '1' },
            ],
          },
          {
            at: NOON + 30_000,
            min: 9,
            max: 9,
            sum: 9,
            count: 1,
            lines: 1,
            arrivals: [{ at: NOON + 30_000, value: '9' }],
          },
        ],
      },
    ]);
  });

  it('finds the least and the greatest value in any order', async () => {
    await post(dynatrace.url, 'abc 5\nabc 1\nabc 9\nabc gauge,min=0,max=0,sum=0,count=0\nabc 4');
    expect(seriesOf(dynatrace, 'abc')[0]?.slots).toMatchObject([{ min: 1, max: 9, sum: 19, count: 4, lines: 5 }]);
  });

  it('shows a line that was sent twice', async () => {
    await post(dynatrace.url, `abc 5 ${NOON}`);
    await post(dynatrace.url, `abc 5 ${NOON}`);
    expect(seriesOf(dynatrace, 'abc')[0]?.slots).toMatchObject([{ min: 5, max: 5, sum: 10, count: 2, lines: 2 }]);
  });

  it('adds up deltas, apart from the gauge of the same key', async () => {
    await post(dynatrace.url, 'abc count,delta=2\nabc count,delta=3\nabc 9');
    expect(dynatrace.series()).toMatchObject([
      { type: 'gauge', slots: [{ sum: 9 }] },
      { type: 'count', slots: [{ sum: 5 }] },
    ]);
  });

  it('creates metadata and never updates it', async () => {
    await post(dynatrace.url, '#abc gauge dt.meta.unit=kW\n#abc gauge dt.meta.unit=MW');
    await post(dynatrace.url, '#abc gauge dt.meta.unit=GW');
    expect(dynatrace.metadata()).toMatchObject([{ key: 'abc', unit: 'kW' }]);
  });

  it('is left out where only counts are wanted', async () => {
    const counting = await startDynatrace({ now: () => NOON, store: false });
    expect(await postJson(counting.url, 'abc 1\n1abc 1')).toMatchObject({ status: 400, json: { linesOk: 1 } });
    expect(counting.series()).toEqual([]);
    expect(counting.counts).toMatchObject({ requests: 1, linesOk: 1, linesInvalid: 1, byStatus: { 400: 1 } });
    await counting.stop();
  });
});

describe('the process', () => {
  it('logs what each request was and what came of it', async () => {
    await post(dynatrace.url, 'abc 1\n1abc 1', { gzip: true });
    expect(dynatrace.requests).toMatchObject([
      {
        at: NOON,
        method: 'POST',
        path: METRICS,
        route: 'metrics',
        encoding: 'gzip',
        lines: 2,
        accepted: 1,
        invalid: 1,
        status: 400,
        faults: [],
        body: 'abc 1\n1abc 1',
      },
    ]);
    expect(dynatrace.requests[0]?.headers['user-agent']).toBeDefined();
  });

  it('refuses connections while it is offline and knows everything afterwards', async () => {
    await post(dynatrace.url, 'abc 1');
    const { url } = dynatrace;
    await dynatrace.offline();
    await expect(post(url, 'abc 1')).rejects.toThrow('fetch failed');
    await dynatrace.online();
    expect(dynatrace.url).toBe(url);
    expect((await post(url, 'abc 1')).status).toBe(202);
    expect(storedValues(dynatrace)).toBe(2);
  });
});
