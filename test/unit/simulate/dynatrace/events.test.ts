import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StandIn } from '../../../../src/simulate/dynatrace/stand-in.ts';
import { startDynatrace } from '../../../support/dynatrace.ts';
import { EVENTS, NOON, post, postJson } from './client.ts';

const HOUR = 3_600_000;
let dynatrace: StandIn;

beforeEach(async () => {
  dynatrace = await startDynatrace({ now: () => NOON });
});

afterEach(async () => {
  await dynatrace.stop();
});

function at(ms: number): string {
  return new Date(NOON + ms).toISOString();
}

function send(events: unknown, headers: Record<string, string> = {}) {
  return post(dynatrace.url, JSON.stringify(events), { path: EVENTS, headers });
}

describe('the business events endpoint', () => {
  it('takes one event or an array, gzipped or not, under /e/<environment> too', async () => {
    const one = await send({ device: 'a' });
    expect(one.status).toBe(202);
    expect(await one.text()).toBe('');
    const options = { path: `/e/abc${EVENTS}`, gzip: true, headers: { 'content-type': 'application/json' } };
    expect((await post(dynatrace.url, '[{"device":"b"},{"device":"b"}]', options)).status).toBe(202);
    expect(dynatrace.events().map((e) => e.fields['device'])).toEqual(['a', 'b', 'b']);
    expect(dynatrace.counts).toMatchObject({ eventsOk: 3, linesOk: 0 });
  });

  it('stores the good events of a 400 and names the bad ones by their index', async () => {
    const response = await send([{ id: '1' }, 'text', { id: '3', source: 'x' }]);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [{ id: null, index: 1, message: 'not a JSON object', source: null }],
    });
    expect(dynatrace.events()).toHaveLength(2);
  });

  it('refuses events of a device, or that have a field, with the text given', async () => {
    dynatrace.fault({ kind: 'refuse-lines', device: 'b', text: 'no' });
    dynatrace.fault({ kind: 'refuse-lines', key: 'bad', text: 'never' });
    const response = await send([{ id: '1', source: 's', device: 'b' }, { device: 'a' }, { bad: 1 }]);
    expect(await response.json()).toEqual({
      errors: [
        { id: '1', index: 0, message: 'no', source: 's' },
        { id: null, index: 2, message: 'never', source: null },
      ],
    });
    expect(dynatrace.events().map((e) => e.fields)).toEqual([{ device: 'a' }]);
  });

  it('asks CloudEvents for their four attributes', async () => {
    const type = { 'content-type': 'application/cloudevents-batch+json' };
    const response = await send([{ specversion: '1.0', id: '1', source: 's', type: 't' }, { id: '2' }], type);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ index: 1, message: 'missing required attribute: specversion, source, type' }],
    });
  });

  it('drops what is older than a day unseen, moves the future to ten minutes ahead, and keeps the rest as it is', async () => {
    const response = await send([
      { timestamp: at(-24 * HOUR - 1) },
      { timestamp: at(-24 * HOUR) },
      { timestamp: at(HOUR) },
      { timestamp: NOON - 1 },
      { timestamp: (NOON - 30_000) / 1000 },
      { timestamp: (NOON - 2) * 1000 },
      { timestamp: 'yesterday' },
      {},
    ]);
    expect(response.status).toBe(202);
    expect(dynatrace.events().map((e) => e.timestamp - NOON)).toEqual([-24 * HOUR, HOUR / 6, -1, -30_000, -2, 0, 0]);
    expect(dynatrace.counts).toMatchObject({ eventsOk: 8, eventsDropped: 1 });
  });

  it('makes text of nested objects', async () => {
    await send({ a: { b: 1 }, c: [1, 2], d: 1.5, e: null });
    expect(dynatrace.events()[0]?.fields).toEqual({ a: '{"b":1}', c: '[1,2]', d: 1.5, e: null });
  });

  it('answers 413 above five million bytes, 415 to text, 400 to what is no JSON', async () => {
    expect((await post(dynatrace.url, `"${'x'.repeat(5_000_000)}"`, { path: EVENTS, gzip: true })).status).toBe(413);
    expect((await send({}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect(await postJson(dynatrace.url, '[{', { path: EVENTS })).toMatchObject({
      status: 400,
      json: { error: { code: 400 } },
    });
  });
});
