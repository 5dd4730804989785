import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.ts';
import { QUANTITIES } from '../../src/model/quantity.ts';
import type { HealthSample, Route, Sink } from '../../src/sinks/sink.ts';
import { itemTexts } from '../support/item-texts.ts';

/** A sink with its destination, which the test can look into and take away. */
export interface SinkHarness {
  readonly sink: Sink;
  /** Devices whose values the destination has stored, per value, in the order of arrival. */
  stored(route: Route): Promise<readonly string[]>;
  /** From now on the destination refuses what belongs to the device `refused`. */
  refuse(): void;
  /** The destination cannot be reached until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Replaces the secret on disk by another one that works. */
  replaceSecret(): Promise<void>;
  /** Ends the destination; the sink is closed already. */
  dispose(): Promise<void>;
}

const HEALTH: HealthSample = { key: 'gateway.queue.pending', value: 1, dimensions: { sink: 'x' } };
const OUTCOMES = ['accepted', 'partial', 'retry', 'refused', 'blocked'];
const NASTY = ['a\nb', '"', '\\', '', '\uD800', ',=x ', '😀'.repeat(500)];

/** What the dispatcher relies on, for whatever sink there is. */
export function sinkContract(name: string, create: () => Promise<SinkHarness>): void {
  describe(`the ${name} sink`, () => {
    let harness: SinkHarness;
    let sink: Sink;

    beforeEach(async () => {
      harness = await create();
      sink = harness.sink;
    });

    afterEach(async () => {
      await sink.close();
      await harness.dispose();
    });

    it('has routes with names of their own, real limits, and each later one reaching further back', () => {
      const { routes } = sink;
      expect(routes.length).toBeGreaterThan(0);
      expect(new Set(routes.map((route) => route.name)).size).toBe(routes.length);
      for (const [i, route] of routes.entries()) {
        expect(Math.min(route.maxItems, route.maxBytes, route.behindMs)).toBeGreaterThan(0);
        expect(route.behindMs).toBeGreaterThan(routes[i - 1]?.behindMs ?? 0);
        expect(route.aheadMs).toBeGreaterThanOrEqual(0);
      }
    });

    it('encodes every quantity of the catalogue, and nothing it cannot name on a route of samples', () => {
      for (const route of sink.routes) {
        for (const { name: quantity } of QUANTITIES) expect(encode(route, 'meter', quantity)).toBeTypeOf('string');
      }
      for (const route of sink.routes.filter((r) => r.takes === 'samples'))
        expect(encode(route, 'meter', 'no.such.quantity')).toBeNull();
    });

    it('makes one item of limited size of each device, whatever it is called', async () => {
      for (const route of sink.routes) {
        const items = NASTY.map((device) => encode(route, device));
        expect(items.filter((item) => item === null)).toEqual([]);
        expect(items.filter((item) => item?.includes('\n'))).toEqual([]);
        expect(Math.max(...items.map((item) => Buffer.byteLength(item ?? '')))).toBeLessThan(route.maxBytes / 10);
        expect(await send(route, items)).toMatchObject({ kind: 'accepted' });
        expect(await harness.stored(route)).toHaveLength(NASTY.length);
      }
    });

    it('stores all that it accepts, in order, and counts its bytes', async () => {
      for (const route of sink.routes) {
        const devices = Array.from({ length: 50 }, (_, i) => `meter-${i}`);
        const outcome = await send(
          route,
          devices.map((device) => encode(route, device)),
        );
        expect(outcome).toMatchObject({ kind: 'accepted' });
        expect(outcome.bytesSent).toBeGreaterThan(0);
        expect(await harness.stored(route)).toEqual(devices);
      }
    });

    it('takes a request filled to its limit of items', async () => {
      for (const route of sink.routes) {
        const items = Array.from({ length: route.maxItems }, (_, i) => encode(route, `m${i}`) ?? '');
        const bytes = items.reduce((sum, item) => sum + Buffer.byteLength(item) + 1, 0);
        expect(bytes).toBeLessThan(route.maxBytes);
        expect(await send(route, items)).toMatchObject({ kind: 'accepted' });
        expect(await harness.stored(route)).toHaveLength(route.maxItems);
      }
    });

    it('stores what was compressed ahead as it would have stored the items', async () => {
      for (const route of sink.routes) {
        const devices = ['first', 'second'].map((time) => Array.from({ length: 50 }, (_, i) => `${time}-${i}`));
        for (const some of devices) {
          const items = some.map((device) => encode(route, device)).filter((item) => item !== null);
          const texts = itemTexts(items, route.separator);
          const compressed = route.compress?.(texts);
          const { signal } = new AbortController();
          expect(await route.send(texts, { signal, ...(compressed && { compressed }) })).toMatchObject({
            kind: 'accepted',
          });
        }
        expect(await harness.stored(route)).toEqual(devices.flat());
      }
    });

    it('lets the health ride along without a word about it', async () => {
      for (const route of sink.routes) {
        const outcome = await send(route, [encode(route, 'a'), encode(route, 'b')], [HEALTH]);
        expect(outcome).toMatchObject({ kind: 'accepted' });
        expect((await harness.stored(route)).slice(0, 2)).toEqual(['a', 'b']);
      }
    });

    it('stores the rest when the destination refuses an item, and names that one', async () => {
      harness.refuse();
      for (const route of sink.routes) {
        const devices = ['a', 'refused', 'b', 'refused', 'c'];
        const outcome = await send(
          route,
          devices.map((device) => encode(route, device)),
          [HEALTH],
        );
        expect(outcome).toMatchObject({ kind: 'partial', refused: [{ index: 1 }, { index: 3 }], unlisted: 0 });
        expect(outcome.kind === 'partial' && outcome.refused.every((item) => item.message.length > 0)).toBe(true);
        expect((await harness.stored(route)).slice(0, 3)).toEqual(['a', 'b', 'c']);
      }
    });

    it('never rejects for what the world does: away is a retry, back is delivery', async () => {
      for (const route of sink.routes) {
        const item = encode(route, 'meter');
        await harness.goAway();
        expect(await send(route, [item])).toMatchObject({ kind: 'retry', cause: 'unreachable' });
        await harness.comeBack();
        expect(await send(route, [item])).toMatchObject({ kind: 'accepted' });
        expect(await harness.stored(route)).toEqual(['meter']);
      }
    });

    it('gives up at once when it is told to stop, and stores nothing', async () => {
      for (const route of sink.routes) {
        const outcome = await send(route, [encode(route, 'meter')], [], AbortSignal.abort());
        expect(outcome.kind).toBe('retry');
        expect(await harness.stored(route)).toEqual([]);
      }
    });

    it('says once that its secret was replaced', async () => {
      const [route] = sink.routes;
      if (route === undefined) throw new Error('no route');
      await send(route, [encode(route, 'a')]);
      expect(sink.credentialsChanged()).toBe(false);
      await harness.replaceSecret();
      expect([sink.credentialsChanged(), sink.credentialsChanged()]).toEqual([true, false]);
      expect(OUTCOMES).toContain((await send(route, [encode(route, 'b')])).kind);
    });

    it('can be closed twice', async () => {
      await sink.close();
      await expect(sink.close()).resolves.toBeUndefined();
    });
  });
}

function send(
  route: Route,
  items: readonly (string | null)[],
  health: readonly HealthSample[] = [],
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const texts = items.filter((item) => item !== null);
  return route.send(itemTexts(texts, route.separator), { signal, health });
}

function encode(route: Route, device: string, quantity = 'power.active.import'): string | null {
  const at = Date.now();
  return route.takes === 'samples'
    ? route.encode({ device, quantity, at, min: 501, max: 501, sum: 501, count: 1 })
    : route.encode({ id: 1, origin: { device, serial: null, source: 's' }, at, values: new Map([[quantity, 501]]) });
}
