import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StandIn } from '../../../../src/simulate/dynatrace/stand-in.ts';
import { startDynatrace, TOKEN } from '../../../support/dynatrace.ts';
import { NOON, post } from './client.ts';

let dynatrace: StandIn;

beforeEach(async () => {
  dynatrace = await startDynatrace({ now: () => NOON });
});

afterEach(async () => {
  await dynatrace.stop();
});

async function admin(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${dynatrace.url}/_standin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

it('shows counts, series and the last requests, without the token', async () => {
  await post(dynatrace.url, 'abc 1');
  const { json } = await admin('GET', 'state');
  expect(json).toMatchObject({
    counts: { requests: 1, linesOk: 1, byStatus: { 202: 1 } },
    series: [{ key: 'abc', slots: [{ count: 1 }] }],
    requests: [{ status: 202, lines: 1, headers: { authorization: 'Api-Token ***' } }],
    faults: [],
  });
  expect(JSON.stringify(json)).not.toContain(TOKEN);
  expect((await admin('GET', 'counts')).json).toMatchObject({ requests: 1, rejections: {} });
});

it('forgets what it stored and counted', async () => {
  await post(dynatrace.url, 'abc 1');
  expect((await admin('DELETE', 'state')).json).toMatchObject({ counts: { requests: 0, linesOk: 0 }, series: [] });
});

it('switches faults on and off while it runs', async () => {
  const fault = { kind: 'status', status: 429, retryAfter: 5, times: 2 };
  expect(await admin('POST', 'fault', fault)).toEqual({ status: 200, json: { faults: [fault] } });
  expect((await post(dynatrace.url, 'abc 1')).status).toBe(429);
  expect((await admin('GET', 'fault')).json).toEqual({ faults: [{ ...fault, times: 1 }] });
  await admin('POST', 'fault', { kind: 'skew', ms: 5 });
  expect((await admin('DELETE', 'fault?kind=status')).json).toEqual({ faults: [{ kind: 'skew', ms: 5 }] });
  expect((await admin('DELETE', 'fault')).json).toEqual({ faults: [] });
  expect((await post(dynatrace.url, 'abc 1')).status).toBe(202);
});

it.each([
  [{ kind: 'hang', when: 'after-storing', ms: 10, route: 'metrics' }],
  [{ kind: 'reset', when: 'before-storing' }],
  [{ kind: 'slow-body', ms: 10 }],
  [{ kind: 'refuse-lines', every: 3, key: 'abc', device: 'a', text: 'no' }],
  [{ kind: 'rules', rules: { timestamps: 'drop', errorsListed: 10, maxLines: null, gzip: false, maxBodyBytes: 100 } }],
  [{ kind: 'scopes', scopes: [] }],
])('takes the fault %j', async (fault) => {
  expect(await admin('POST', 'fault', fault)).toEqual({ status: 200, json: { faults: [fault] } });
});

it.each([
  [[], 'a fault is a JSON object'],
  [{ kind: 'flood' }, 'kind must be one of'],
  [{ kind: 'status' }, 'status needs status'],
  [{ kind: 'status', status: 99 }, 'status: status cannot be 99'],
  [{ kind: 'status', status: 503, body: 'xml' }, 'status: body cannot be "xml"'],
  [{ kind: 'hang', route: 'logs' }, 'hang: route cannot be "logs"'],
  [{ kind: 'hang', times: 0 }, 'hang: times cannot be 0'],
  [{ kind: 'reset', wen: 'x' }, 'reset has no field wen'],
  [{ kind: 'rules', rules: { colour: 'red' } }, 'rules: rules cannot be {"colour":"red"}'],
  [{ kind: 'rules', rules: { timestamps: 'maybe' } }, 'rules: rules cannot be'],
])('says what is wrong with %j', async (fault, sentence) => {
  const { status, json } = await admin('POST', 'fault', fault);
  expect(status).toBe(400);
  expect((json as { error: string }).error).toContain(sentence);
});

it('says which paths there are', async () => {
  expect((await admin('GET', 'nothing')).status).toBe(404);
});
