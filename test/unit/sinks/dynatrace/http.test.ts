import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../../src/platform/clock.ts';
import type { DynatraceSink } from '../../../../src/sinks/dynatrace/dynatrace-sink.ts';
import { Http } from '../../../../src/sinks/dynatrace/http.ts';
import { failedBeforeSending, networkFailure } from '../../../../src/sinks/dynatrace/network-error.ts';
import { itemTexts } from '../../../support/item-texts.ts';
import { aSample, aSignal, sendSamples } from '../../../support/dynatrace-sink.ts';
import { FaultProxy } from '../../../support/fault-proxy.ts';
import { reply, startScriptedServer, type Script, type ScriptedServer } from '../../../support/scripted-server.ts';
import { LIMITS, OK, ScriptedRig, turn } from '../../../support/scripted-sink.ts';

const rig = new ScriptedRig();

afterEach(() => rig.dispose());

describe('a request', () => {
  it('goes to the API below the base URL, with token, own name and one line per value', async () => {
    const server = await rig.serve(OK);
    for (const path of ['', '/', '/e/abc-123', '/e/abc-123/'])
      expect(await sendSamples(rig.sinkTo(server.url + path), [aSample()])).toMatchObject({ kind: 'accepted' });
    expect(server.requests.map((seen) => seen.path)).toEqual([
      '/api/v2/metrics/ingest',
      '/api/v2/metrics/ingest',
      '/e/abc-123/api/v2/metrics/ingest',
      '/e/abc-123/api/v2/metrics/ingest',
    ]);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(/^Api-Token dt0c01\./) as unknown,
      'user-agent': 'energy-gateway/1.2.3',
      'content-type': 'text/plain; charset=utf-8',
    });
    expect(server.requests[0]?.body).toMatch(
      /^smartmeter\.power\.active\.import,device="meter".* gauge,0\.501 \d{13}$/m,
    );
  });

  it('is compressed when it is larger than a kilobyte, and counts what went over the wire', async () => {
    const server = await rig.serve(OK);
    const sink = rig.sinkTo(server.url);
    const many = Array.from({ length: 500 }, (_, i) => aSample(`meter-${i}`));
    const large = await sendSamples(sink, many);
    expect(server.requests[0]?.headers['content-encoding']).toBe('gzip');
    expect(server.requests[0]?.body.split('\n').length).toBe(501);
    expect(large.bytesSent).toBe(Number(server.requests[0]?.headers['content-length']));
    expect(large.bytesSent).toBeLessThan(10_000);
    await sendSamples(sink, [aSample()]);
    expect(server.requests[1]?.headers['content-encoding']).toBeUndefined();
    await sink.routes[0]?.send(itemTexts(['x'.repeat(2_000)]), { signal: aSignal(), identity: true });
    expect(server.requests[2]?.headers['content-encoding']).toBeUndefined();
  });

  it('leaves no timer of its whole time behind when it is answered', async () => {
    const server = await rig.serve(OK);
    const totalMs = 54_321;
    const sink = rig.sinkTo(server.url, { limits: { ...LIMITS, totalMs } });
    const started = vi.spyOn(globalThis, 'setTimeout');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    for (let i = 0; i < 3; i++) await sendSamples(sink, [aSample()]);
    const timers = started.mock.calls.flatMap(([, ms], i) => (ms === totalMs ? [started.mock.results[i]?.value] : []));
    expect(timers).toHaveLength(3);
    for (const timer of timers) expect(cleared).toHaveBeenCalledWith(timer);
  });

  it('keeps its connection for the next one', async () => {
    const server = await rig.serve(OK);
    const sink = rig.sinkTo(server.url);
    for (let i = 0; i < 3; i++) {
      await sendSamples(sink, [aSample()]);
      await turn();
    }
    expect(server.connections).toBe(1);
    for (let i = 0; i < 6; i++) await sendSamples(sink, [aSample()]);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('of fresh values does not wait for those of the backlog, the late route and health, should all of them hang', async () => {
    const server = await rig.serve((response, seen) => {
      if (!seen.body.includes('hangs')) OK(response, seen);
    });
    const sink = rig.sinkTo(server.url, { limits: { ...LIMITS, headersMs: 2_000 } });
    const others = ['backlog', 'backlog', 'late', 'late', 'health'];
    let ended = 0;
    const hanging = others.map((name) => sendSamples(sink, [aSample(`${name} hangs`)]).finally(() => ended++));
    await expect.poll(() => server.requests.length).toBe(others.length);
    expect(await sendSamples(sink, [aSample('live')])).toMatchObject({ kind: 'accepted' });
    expect(ended).toBe(0);
    for (const outcome of await Promise.all(hanging)) expect(outcome).toMatchObject({ kind: 'retry' });
  });

  it('is given the time that its body needs on a slow line', async () => {
    const server = await rig.serve(OK);
    const line = await FaultProxy.start({ target: Number(new URL(server.url).port) });
    const sink = rig.sinkTo(`http://${line.address}`, { limits: { ...LIMITS, totalMs: 20_000 } });
    await line.inflict({ kind: 'narrow', bytesPerSecond: 4_000 });
    const samples = Array.from({ length: 100 }, (_, i) => aSample(createHash('sha512').update(`${i}`).digest('hex')));
    const outcome = await sendSamples(sink, samples);
    // Three times as long as the answer to a small body may take.
    expect(outcome.bytesSent).toBeGreaterThan(4_800);
    expect(outcome.kind).toBe('accepted');
  });

  it('follows no redirect', async () => {
    const portal = await rig.serve(reply(202, '{"linesOk":1,"linesInvalid":0}'));
    const server = await rig.serve(reply(302, '', { location: `${portal.url}/login` }));
    expect(await sendSamples(rig.sinkTo(server.url), [aSample()])).toMatchObject({
      kind: 'blocked',
      cause: 'page',
      status: 302,
    });
    expect(portal.requests).toEqual([]);
  });

  it('answered by a login page with a 200 is not delivered', async () => {
    const server = await rig.serve(reply(200, '<html>Welcome</html>', { 'content-type': 'text/html' }));
    expect(await sendSamples(rig.sinkTo(server.url), [aSample()])).toMatchObject({
      kind: 'blocked',
      message: 'HTTP 200: Welcome',
    });
  });

  it('answered by more than a megabyte is not read to the end', async () => {
    const server = await rig.serve((response) => {
      response.on('error', () => response.destroy());
      response.writeHead(200, { 'content-type': 'text/html' });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await sendSamples(rig.sinkTo(server.url), [aSample()])).toMatchObject({ kind: 'blocked', status: 200 });
  });
});

describe('a network failure is a retry', () => {
  it('when nobody listens', async () => {
    const server = await startScriptedServer();
    await server.stop();
    expect(await sendSamples(rig.sinkTo(server.url), [aSample()])).toEqual({
      kind: 'retry',
      cause: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED') as unknown,
      bytesSent: 0,
    });
  });

  it('when the name is not known', async () => {
    expect(await sendSamples(rig.sinkTo('http://no-such-host.invalid'), [aSample()])).toMatchObject({
      kind: 'retry',
      cause: 'unreachable',
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT/) as unknown,
      bytesSent: 0,
    });
  });

  it('when no answer comes', async () => {
    const server = await rig.serve(() => {});
    const outcome = await sendSamples(rig.sinkTo(server.url), [aSample()]);
    expect(outcome).toMatchObject({
      kind: 'retry',
      cause: 'unreachable',
      message: expect.stringContaining('HEADERS_TIMEOUT') as unknown,
    });
    expect(outcome.bytesSent).toBeGreaterThan(0);
  });

  it('when the answer stops half-way, even if it began with a 202', async () => {
    const server = await rig.serve((response) => {
      response.writeHead(202, { 'content-type': 'application/json' });
      response.write('{"linesOk":');
    });
    expect(await sendSamples(rig.sinkTo(server.url), [aSample()])).toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('BODY_TIMEOUT') as unknown,
    });
  });

  it('when the answer drips for longer than the whole may take', async () => {
    const server = await rig.serve((response) => {
      response.writeHead(202, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    const sink = rig.sinkTo(server.url, { limits: { ...LIMITS, totalMs: 500 } });
    expect(await sendSamples(sink, [aSample()])).toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('no complete answer within 0.5 s') as unknown,
    });
  });

  it('when the connection is reset on its first request, which is no stale one', async () => {
    const server = await rig.serve((response) => response.socket?.resetAndDestroy());
    const outcome = await sendSamples(rig.sinkTo(server.url), [aSample()]);
    expect(outcome).toMatchObject({ kind: 'retry', cause: 'unreachable' });
    expect(outcome).not.toHaveProperty('staleConnection');
  });

  it('when the sink is told to stop, at once', async () => {
    const server = await rig.serve(() => {});
    const stop = new AbortController();
    const sending = sendSamples(
      rig.sinkTo(server.url, { limits: { ...LIMITS, headersMs: 20_000 } }),
      [aSample()],
      stop.signal,
    );
    await expect.poll(() => server.requests.length).toBe(1);
    stop.abort();
    expect(await sending).toMatchObject({ kind: 'retry', message: expect.stringContaining('stopping') as unknown });
  });

  it('in words a person understands, with the code', () => {
    const codes = [
      'UND_ERR_CONNECT_TIMEOUT',
      'EAI_AGAIN',
      'EPIPE',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ETIMEDOUT',
      'E_NEW',
    ];
    for (const code of codes) {
      const { cause, message } = networkFailure(Object.assign(new Error('said by node'), { code }), 'host:1');
      expect([cause, message]).toEqual(['unreachable', expect.stringMatching(`^host:1: .+ \\(${code}\\)$`)]);
    }
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    expect(networkFailure(new AggregateError([refused]), 'h').message).toContain('ECONNREFUSED');
    expect(networkFailure('thrown text', 'h').message).toContain('thrown text');
    expect(failedBeforeSending(refused)).toBe(true);
  });
});

describe('a kept connection the server has closed', () => {
  for (const how of ['reset', 'closed'] as const)
    it(`is told apart from other failures when it was ${how} before any answer`, async () => {
      let count = 0;
      const server = await rig.serve((response, seen) => {
        if (++count === 1) OK(response, seen);
        else if (how === 'reset') seen.socket.resetAndDestroy();
        else seen.socket.destroy();
      });
      const sink = rig.sinkTo(server.url);
      expect(await sendSamples(sink, [aSample()])).toMatchObject({ kind: 'accepted' });
      await turn();
      expect(await sendSamples(sink, [aSample()])).toMatchObject({ kind: 'retry', staleConnection: true });
      expect(server.connections).toBe(1);
    });

  it('is no stale one when a part of the answer had come', async () => {
    let count = 0;
    const server = await rig.serve((response, seen) => {
      if (++count === 1) OK(response, seen);
      else seen.socket.write('HTTP/1.1 202 Acc', () => seen.socket.resetAndDestroy());
    });
    const sink = rig.sinkTo(server.url);
    await sendSamples(sink, [aSample()]);
    await turn();
    const outcome = await sendSamples(sink, [aSample()]);
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome).not.toHaveProperty('staleConnection');
  });

  describe('is left behind', () => {
    let script: Script;
    let server: ScriptedServer;
    let sink: DynatraceSink;

    beforeEach(async () => {
      server = await rig.serve((response, seen) => script(response, seen));
      sink = rig.sinkTo(server.url);
    });

    /** Two requests at the same time; the connections they came on, which are kept. */
    async function useBoth(): Promise<Socket[]> {
      const first = server.requests.length;
      const waiting: (() => void)[] = [];
      script = (response, seen) => {
        waiting.push(() => OK(response, seen));
        if (waiting.length === 2) for (const answer of waiting) answer();
      };
      const outcomes = await Promise.all([sendSamples(sink, [aSample()]), sendSamples(sink, [aSample()])]);
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['accepted', 'accepted']);
      await turn();
      return server.requests.slice(first).map((seen) => seen.socket);
    }

    it('after two failures in a row, because a changed network leaves it silent', async () => {
      const old = await useBoth();
      script = () => {};
      for (let i = 0; i < 2; i++) expect(await sendSamples(sink, [aSample()])).toMatchObject({ kind: 'retry' });
      expect((await useBoth()).filter((socket) => old.includes(socket))).toEqual([]);
    });

    it('together with the other one, so that the quick retry meets neither', async () => {
      const old = await useBoth();
      script = (_response, seen) => seen.socket.destroy();
      expect(await sendSamples(sink, [aSample()])).toMatchObject({ staleConnection: true });
      expect((await useBoth()).filter((socket) => old.includes(socket))).toEqual([]);
    });
  });
});

it('a connection that is never made ends at its time limit', async () => {
  // Accepts, and never says a word of TLS.
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  rig.onDispose(async () => {
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const http = new Http({
    url: new URL(`https://127.0.0.1:${port}`),
    userAgent: 'x',
    insecureSkipVerify: false,
    clock: systemClock,
    limits: LIMITS,
  });
  rig.onDispose(() => http.close());
  server.on('connection', (socket) => rig.onDispose(async () => socket.destroy()));
  const exchange = await http.post({
    path: '/',
    contentType: 't',
    token: 't',
    body: Buffer.from('b'),
    identity: false,
    signal: aSignal(),
  });
  expect(exchange).toMatchObject({
    kind: 'unanswered',
    bytesSent: 0,
    message: expect.stringContaining('CONNECT_TIMEOUT') as unknown,
  });
});
