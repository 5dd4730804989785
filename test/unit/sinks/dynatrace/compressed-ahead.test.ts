import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { attempt } from '../../../../src/dispatch/attempt.ts';
import { systemClock } from '../../../../src/platform/clock.ts';
import type { HealthSample, Route } from '../../../../src/sinks/sink.ts';
import { aSample, aSignal } from '../../../support/dynatrace-sink.ts';
import { itemTexts } from '../../../support/item-texts.ts';
import { reply } from '../../../support/scripted-server.ts';
import { OK, ScriptedRig, turn } from '../../../support/scripted-sink.ts';

const rig = new ScriptedRig();

afterEach(() => rig.dispose());

const HEALTH: HealthSample = { key: 'gateway.queue.pending', value: 1, dimensions: {} };
const ITEM = `{"x":"${'x'.repeat(2_000)}"}`;
/** Another text, which shows whether it was used. */
const ahead = (): Promise<Buffer> => Promise.resolve(gzipSync('ahead'));
const SEEN_AHEAD = { body: 'ahead', headers: { 'content-encoding': 'gzip' } };

describe.each([
  { name: 'metrics', of: ([metrics]: readonly Route[]) => metrics, framed: ITEM },
  { name: 'late', of: ([, late]: readonly Route[]) => late, framed: `[${ITEM}]` },
])('a body of the $name route that was compressed ahead', ({ of, framed }) => {
  async function scene(script = OK) {
    const server = await rig.serve(script);
    const route = of(rig.sinkTo(server.url).routes);
    if (route === undefined) throw new Error('no such route');
    return { server, route, items: itemTexts([ITEM], route.separator) };
  }

  it('is the one that would be sent', async () => {
    const { server, route, items } = await scene();
    expect(gunzipSync((await route.compress?.(items)) ?? '').toString()).toBe(framed);
    await route.send(items, { signal: aSignal() });
    expect(server.requests[0]?.body).toBe(framed);
  });

  it('is sent as it is, and its bytes are counted', async () => {
    const { server, route, items } = await scene();
    const compressed = ahead();
    const { bytesSent } = await route.send(items, { signal: aSignal(), compressed });
    expect(server.requests).toMatchObject([SEEN_AHEAD]);
    expect(bytesSent).toBe((await compressed).length);
  });

  it('is not used where it is to go uncompressed', async () => {
    const { server, route, items } = await scene();
    await route.send(items, { signal: aSignal(), compressed: ahead(), identity: true });
    expect(server.requests[0]?.headers['content-encoding']).toBeUndefined();
    expect(server.requests[0]?.body).toBe(framed);
  });

  it('is neither made nor used any more when the server has shown that it takes none', async () => {
    const { server, route, items } = await scene((response, seen) => {
      const isRefused = seen.headers['content-encoding'] === 'gzip';
      (isRefused ? reply(415, '') : OK)(response, seen);
    });
    const signal = aSignal();
    expect(await route.send(items, { signal })).toMatchObject({ kind: 'refused', tryIdentity: true });
    expect(await route.send(items, { signal, identity: true })).toMatchObject({ kind: 'accepted' });
    expect(route.compress?.(items)).toBeNull();
    expect(await route.send(items, { signal, compressed: ahead() })).toMatchObject({ kind: 'accepted' });
    expect(server.requests.at(-1)?.body).toBe(framed);
  });

  it('is not made of what is sent as it is for being small', async () => {
    const { route } = await scene();
    expect(route.compress?.(itemTexts(['{}'], route.separator))).toBeNull();
  });

  it('is sent again, the same, when a kept connection was closed', async () => {
    let count = 0;
    const { server, route, items } = await scene((response, seen) => {
      if (++count === 2) seen.socket.destroy();
      else OK(response, seen);
    });
    await route.send(items, { signal: aSignal() });
    await turn();
    const compressed = ahead();
    const { outcome } = await attempt(route, items, { signal: aSignal(), compressed }, systemClock);
    expect(outcome).toMatchObject({ kind: 'accepted', bytesSent: 2 * (await compressed).length });
    expect(server.requests.slice(1)).toMatchObject([SEEN_AHEAD, SEEN_AHEAD]);
  });
});

describe('a body of metric lines that was compressed ahead', () => {
  it('is not used where health or metadata go with it', async () => {
    const server = await rig.serve(OK);
    const [route] = rig.sinkTo(server.url).routes;
    if (route?.takes !== 'samples') throw new Error('the first route takes samples');
    const send = async (health?: readonly HealthSample[]): Promise<string | undefined> => {
      await route.send(itemTexts([ITEM]), { signal: aSignal(), compressed: ahead(), ...(health && { health }) });
      return server.requests.at(-1)?.body;
    };
    expect((await send([HEALTH]))?.split('\n')).toEqual([ITEM, expect.stringContaining('gateway.queue.pending')]);
    route.encode(aSample());
    expect((await send())?.split('\n')).toEqual([ITEM, expect.stringContaining('#smartmeter.power.active.import')]);
    expect(await send()).toBe('ahead');
  });
});
