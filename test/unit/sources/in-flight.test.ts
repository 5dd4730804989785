import { expect, it } from 'vitest';
import { InFlight } from '../../../src/sources/in-flight.ts';

it('is full at 1,024 messages, and at 4 MiB', () => {
  const many = new InFlight();
  for (let i = 0; i < 1_023; i++) many.take(1);
  expect(many.full).toBe(false);
  many.take(1);
  expect(many.full).toBe(true);
  const large = new InFlight();
  large.take(4 * 1024 * 1024);
  expect(large.full).toBe(true);
  large.release(4 * 1024 * 1024);
  expect(large.full).toBe(false);
});

it('serves those who wait for room in their order, and only as far as there is room', () => {
  const inFlight = new InFlight();
  for (let i = 0; i < 1_024; i++) inFlight.take(1);
  const served: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    inFlight.whenRoom(() => {
      served.push(name);
      inFlight.take(1);
    });
  }
  expect(served).toEqual([]);
  inFlight.release(1);
  expect(served).toEqual(['a']);
  inFlight.release(1);
  inFlight.release(1);
  expect(served).toEqual(['a', 'b', 'c']);
  expect(inFlight.messages).toBe(1_024);
});

it('forgets who does not wait any more', () => {
  const inFlight = new InFlight();
  inFlight.take(4 * 1024 * 1024);
  const served: string[] = [];
  const leave = inFlight.whenRoom(() => served.push('a'));
  inFlight.whenRoom(() => served.push('b'));
  leave();
  inFlight.release(4 * 1024 * 1024);
  leave();
  expect(served).toEqual(['b']);
});

it('is idle when everything taken was released', async () => {
  const inFlight = new InFlight();
  await inFlight.whenIdle();
  inFlight.take(5);
  let idle = false;
  const waiting = inFlight.whenIdle().then(() => (idle = true));
  await Promise.resolve();
  expect(idle).toBe(false);
  inFlight.release(5);
  await waiting;
  expect(inFlight.messages).toBe(0);
});
