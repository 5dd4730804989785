import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../../../src/simulate/dynatrace/fault.ts';
import type { StandIn } from '../../../../src/simulate/dynatrace/stand-in.ts';
import { startDynatrace, storedValues } from '../../../support/dynatrace.ts';
import { EVENTS, NOON, post, postJson } from './client.ts';

let dynatrace: StandIn;

beforeEach(async () => {
  dynatrace = await startDynatrace({ now: () => NOON });
});

afterEach(async () => {
  await dynatrace.stop();
});

describe('a status fault', () => {
  it.each<[Partial<Fault> & { status: number }, string, string | null]>([
    [{ status: 503 }, '"code":503', 'application/json; charset=utf-8'],
    [{ status: 500, body: 'empty' }, '', null],
    [{ status: 502, body: 'html' }, '<!DOCTYPE html>', 'text/html; charset=utf-8'],
    [{ status: 401 }, '"code":401', 'application/json; charset=utf-8'],
    [
      { status: 403, message: 'Token is missing required scope.' },
      'missing required scope',
      'application/json; charset=utf-8',
    ],
    [{ status: 404 }, '"code":404', 'application/json; charset=utf-8'],
    [{ status: 413 }, '"code":413', 'application/json; charset=utf-8'],
    [{ status: 429 }, 'Too many requests.', 'application/json; charset=utf-8'],
    [{ status: 200, body: 'html' }, '<!DOCTYPE html>', 'text/html; charset=utf-8'],
  ])('answers %o and stores nothing', async (fault, body, type) => {
    dynatrace.fault({ kind: 'status', ...fault } as Fault);
    const response = await post(dynatrace.url, 'abc 1');
    expect(response.status).toBe(fault.status);
    expect(response.headers.get('content-type')).toBe(type);
    expect(await response.text()).toContain(body);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(response.headers.get('date')).toBe('Fri, 20 Nov 2026 12:00:30 GMT');
    expect(storedValues(dynatrace)).toBe(0);
    expect(dynatrace.requests).toMatchObject([{ status: fault.status, lines: 1, accepted: 0, faults: ['status'] }]);
  });

  it('says when to come back, in seconds or in microseconds', async () => {
    dynatrace.fault({ kind: 'status', status: 429, retryAfter: 17, times: 1 });
    dynatrace.fault({ kind: 'status', status: 429, resetInMs: 30_000 });
    expect((await post(dynatrace.url, 'abc 1')).headers.get('retry-after')).toBe('17');
    const response = await post(dynatrace.url, 'abc 1');
    expect(response.headers.get('retry-after')).toBeNull();
    expect(response.headers.get('x-ratelimit-reset')).toBe(String((NOON + 30_000) * 1000));
  });

  it('redirects to a portal', async () => {
    dynatrace.fault({ kind: 'status', status: 302, body: 'html' });
    const response = await post(dynatrace.url, 'abc 1');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('http://portal.invalid/login');
  });

  it('ends by itself after `times` requests, one after the other in the order given', async () => {
    dynatrace.fault({ kind: 'status', status: 503, times: 2 });
    dynatrace.fault({ kind: 'status', status: 429, times: 1 });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await post(dynatrace.url, 'abc 1')).status);
    expect(statuses).toEqual([503, 503, 429, 202]);
  });

  it('can be aimed at one route or at bodies that contain a text', async () => {
    dynatrace.fault({ kind: 'status', status: 503, route: 'bizevents' });
    dynatrace.fault({ kind: 'status', status: 400, body: 'html', containing: 'poison' });
    expect((await post(dynatrace.url, '{}', { path: EVENTS })).status).toBe(503);
    expect((await post(dynatrace.url, 'abc,device=poison 1', { gzip: true })).status).toBe(400);
    expect((await post(dynatrace.url, 'abc 1', { gzip: true })).status).toBe(202);
    dynatrace.heal();
    expect((await post(dynatrace.url, '{}', { path: EVENTS })).status).toBe(202);
  });
});

describe('a fault of the connection', () => {
  it('resets it before anything is stored', async () => {
    dynatrace.fault({ kind: 'reset', times: 1 });
    await expect(post(dynatrace.url, 'abc 1')).rejects.toThrow('fetch failed');
    expect(storedValues(dynatrace)).toBe(0);
    expect(dynatrace.requests).toMatchObject([{ status: null, accepted: 0, faults: ['reset'] }]);
    expect((await post(dynatrace.url, 'abc 1')).status).toBe(202);
  });

  it('resets it after everything is stored', async () => {
    dynatrace.fault({ kind: 'reset', when: 'after-storing', times: 1 });
    await expect(post(dynatrace.url, 'abc 1')).rejects.toThrow('fetch failed');
    expect(storedValues(dynatrace)).toBe(1);
    expect(dynatrace.requests).toMatchObject([{ status: null, accepted: 1, faults: ['reset'] }]);
  });

  it.each<['before-storing' | 'after-storing', number]>([
    ['before-storing', 0],
    ['after-storing', 1],
  ])('hangs %s until the client gives up', async (when, stored) => {
    dynatrace.fault({ kind: 'hang', when });
    const client = new AbortController();
    const answer = post(dynatrace.url, 'abc 1', { signal: client.signal });
    await vi.waitFor(() => expect(dynatrace.requests).toHaveLength(1));
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(storedValues(dynatrace)).toBe(stored);
    expect(dynatrace.requests).toMatchObject([{ status: null, faults: ['hang'] }]);
  });

  it('hangs for a while and goes on', async () => {
    dynatrace.fault({ kind: 'hang', ms: 30 });
    const before = performance.now();
    expect((await post(dynatrace.url, 'abc 1')).status).toBe(202);
    expect(performance.now() - before).toBeGreaterThan(25);
  });

  it('is closed by stopping, whatever hangs', async () => {
    dynatrace.fault({ kind: 'hang' });
    const outcome = post(dynatrace.url, 'abc 1').catch((error: unknown) => error);
    await vi.waitFor(() => expect(dynatrace.requests).toHaveLength(1));
    await dynatrace.stop();
    expect(await outcome).toBeInstanceOf(TypeError);
  });

  it('sends the second half of the body late, or never', async () => {
    dynatrace.fault({ kind: 'slow-body', ms: 30, times: 1 });
    const late = await post(dynatrace.url, 'abc 1');
    expect(late.status).toBe(202);
    expect(await late.json()).toMatchObject({ linesOk: 1 });
    dynatrace.fault({ kind: 'slow-body' });
    const client = new AbortController();
    const never = await post(dynatrace.url, 'abc 1', { signal: client.signal });
    expect(never.status).toBe(202);
    const body = never.text();
    client.abort();
    await expect(body).rejects.toThrow('aborted');
  });
});

describe('refused lines', () => {
  const lines = ['abc,device=a 1', 'abc,device=b 2', 'def,device=a 3', 'def,device=b 4'].join('\n');

  async function refused(): Promise<unknown> {
    const { json } = await postJson(dynatrace.url, lines);
    return (json as { error: { invalidLines: { line: number; error: string }[] } | null }).error?.invalidLines;
  }

  it.each<[string, Partial<Fault>, number[]]>([
    ['of a metric key', { key: 'abc' }, [1, 2]],
    ['of a device', { device: 'b' }, [2, 4]],
    ['of a key and a device', { key: 'def', device: 'a' }, [3]],
    ['every second one', { every: 2 }, [2, 4]],
    ['by a condition', { matches: (line: string, n: number) => line.endsWith('4') && n === 4 }, [4]],
    ['all of them', {}, [1, 2, 3, 4]],
  ])('are %s, with the text given, and the others are stored', async (_, how, expected) => {
    dynatrace.fault({ kind: 'refuse-lines', text: 'not today', ...how } as Fault);
    expect(await refused()).toEqual(expected.map((line) => ({ line, error: 'not today' })));
    expect(storedValues(dynatrace)).toBe(4 - expected.length);
    expect(dynatrace.requests).toMatchObject([{ status: 400, faults: ['refuse-lines'] }]);
  });

  it('use a turn only of a request that has such a line', async () => {
    dynatrace.fault({ kind: 'refuse-lines', key: 'abc', times: 1 });
    expect((await post(dynatrace.url, 'def 1')).status).toBe(202);
    expect(await refused()).toHaveLength(2);
    expect(await refused()).toBeUndefined();
  });
});

describe('other rules', () => {
  it('lower the size and the number of lines that are too much', async () => {
    dynatrace.fault({ kind: 'rules', rules: { maxBodyBytes: 10 }, times: 1 });
    dynatrace.fault({ kind: 'rules', rules: { maxLines: 2 }, route: 'metrics' });
    expect((await post(dynatrace.url, 'abc 1234567')).status).toBe(413);
    expect((await post(dynatrace.url, 'abc 1\nabc 2\nabc 3')).status).toBe(413);
    expect((await post(dynatrace.url, 'abc 1\nabc 2')).status).toBe(202);
  });

  it('take the scopes of one route away and leave the other', async () => {
    dynatrace.fault({ kind: 'scopes', scopes: ['metrics.ingest'] });
    expect((await post(dynatrace.url, 'abc 1')).status).toBe(202);
    expect(await postJson(dynatrace.url, '{}', { path: EVENTS })).toMatchObject({
      status: 403,
      json: { error: { message: 'Token is missing required scope. Use one of: bizevents.ingest (Ingest bizevents)' } },
    });
  });
});
