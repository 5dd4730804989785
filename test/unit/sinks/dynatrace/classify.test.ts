import { describe, expect, it } from 'vitest';
import { classified, envelope, PAGE, validation } from '../../../support/classified.ts';

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

  it('that counts fewer lines than were sent, and none as invalid, is accepted and says how many', () => {
    expect(classified(202, { linesOk: 2, linesInvalid: 0 })).toMatchObject({ kind: 'accepted', uncounted: 1 });
    expect(classified(202, { linesOk: 4, linesInvalid: 0 }, { extra: 2 })).not.toHaveProperty('uncounted');
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

  it('that counts every line as stored is not believed: it said no', () => {
    const no = { code: 400, message: 'no' };
    expect(classified(400, { linesOk: 3, linesInvalid: 0, error: no })).toMatchObject({ kind: 'refused' });
    expect(classified(400, { linesOk: 1, linesInvalid: 0, error: no })).toMatchObject({ kind: 'refused' });
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
