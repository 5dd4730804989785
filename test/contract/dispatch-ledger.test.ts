import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { DispatchRig } from '../support/dispatch-rig.ts';
import {
  accepted,
  busy,
  FakeSink,
  judging,
  page,
  refused,
  unauthorised,
  unreachable,
  type Behaviour,
} from '../support/fake-sink.ts';

const isBad = ({ device }: { readonly device: string }): boolean => device.startsWith('bad');

const MOODS: Readonly<Record<string, Behaviour>> = {
  fine: () => accepted,
  judging: judging(isBad),
  capped: judging(isBad, 1),
  choking: ({ items }) => (items.some(isBad) ? refused(true) : accepted),
  refusing: () => refused(true),
  condemning: ({ items }): Outcome => ({
    kind: 'partial',
    status: 400,
    refused: items.map((_, index) => ({ index, message: 'no' })),
    unlisted: 0,
    bytesSent: 1,
  }),
  busy: () => busy(),
  later: () => busy(20 * SECOND),
  gone: () => unreachable,
  locked: () => unauthorised,
  portal: () => page,
};

const mood = fc.constantFrom(...Object.keys(MOODS));
const step = fc.record({
  metrics: mood,
  late: mood,
  readings: fc.array(
    fc.record({
      device: fc.constantFrom('a', 'b', 'c', 'bad1', 'bad2'),
      minutesAgo: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(90), fc.constant(2_000)),
    }),
    { maxLength: 12 },
  ),
  waitMs: fc.integer({ min: 100, max: 3 * MINUTE }),
});

describe('the ledger', () => {
  it('balances whatever a sink answers, and every value ends settled exactly once or is still owed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('minute', 'raw'),
        fc.integer({ min: 1, max: 7 }),
        async (steps, resolution, maxItems) => {
          const rig = new DispatchRig({ sink: new FakeSink(resolution, maxItems) });
          rig.dispatcher.start();
          for (const { metrics, late, readings, waitMs } of steps) {
            rig.sink.behaviour.metrics = MOODS[metrics] ?? MOODS['fine'] ?? (() => accepted);
            rig.sink.behaviour.late = MOODS[late] ?? (() => accepted);
            for (const { device, minutesAgo } of readings) rig.store(minutesAgo, device);
            await rig.machine.advance(waitMs);
            expect(rig.queue.balance).toBe(0);
          }
          rig.sink.behaviour.metrics = judging(isBad);
          rig.sink.behaviour.late = () => accepted;
          rig.sink.changed = true;
          // Good company, without which a lone bad line stays owed.
          for (let i = 0; i < 40 && (i === 0 || rig.queue.ledger.pending > 0); i++) {
            rig.store(1, 'a');
            await rig.machine.advance(2 * MINUTE);
          }
          expect(rig.mistakes).toEqual([]);
          expect(rig.queue.balance).toBe(0);
          expect(rig.queue.ledger.pending).toBe(0);
          await rig.stop();
          expect(rig.queue.openClaims).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('never has a good reading in the dead letters of a server that names or chokes on the bad ones', async () => {
    const fair = fc.constantFrom(
      'fine',
      'judging',
      'capped',
      'choking',
      'busy',
      'gone',
      'locked',
      'portal',
      'refusing',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fair, { minLength: 1, maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'bad1', 'bad2', 'bad3'), { minLength: 1, maxLength: 40 }),
        async (moods, devices) => {
          const rig = new DispatchRig({ sink: new FakeSink('raw', 15) });
          rig.dispatcher.start();
          for (const [i, device] of devices.entries()) rig.store(i % 12, device, 'power', i);
          for (const name of moods) {
            rig.sink.behaviour.metrics = MOODS[name] ?? (() => accepted);
            await rig.machine.advance(40 * SECOND);
          }
          expect(rig.queue.deadLetters.filter((letter) => !isBad(letter))).toEqual([]);
          expect(rig.mistakes).toEqual([]);
          expect(rig.queue.balance).toBe(0);
          await rig.stop();
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
