import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createAmisProfile } from '../../../src/devices/amis.ts';
import type { DecodedReading, Profile } from '../../../src/devices/profile.ts';
import { Keep, type KeptReading } from '../../../src/intake/kept-reading.ts';
import { intakeBench } from '../../support/intake-bench.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const reading = (values: readonly number[], rest: Partial<DecodedReading> = {}): DecodedReading => ({
  device: 'a',
  serial: null,
  deviceTime: null,
  part: false,
  quantities: values.map((_, i) => `q${i}`),
  values,
  ...rest,
});

const valuesOf = ({ values, first, quantities }: KeptReading): number[] =>
  Array.from({ length: quantities.length }, (_, i) => values[first + i] ?? Number.NaN);

describe('Readings that wait for their commit', () => {
  it('keep their values, however many wait and however long each is', () => {
    const keep = new Keep('meter');
    const given = Array.from({ length: 1_500 }, (_, n) =>
      Array.from({ length: n === 700 ? 5_000 : (n % 17) + 1 }, (__, i) => n + i / 8),
    );
    const kept = given.map((values) => keep.keep(reading(values)));
    expect(kept.map(valuesOf)).toEqual(given);
  });

  it('share their origin and their shape with others that have the same', () => {
    const keep = new Keep('meter');
    const a = keep.keep(reading([1, 2]));
    const b = keep.keep(reading([3, 4], { device: 'b', quantities: ['q1', 'q0'] }));
    const again = keep.keep(reading([5, 6]));
    expect(again.origin).toBe(a.origin);
    expect(again.quantities).toBe(a.quantities);
    expect(b).toMatchObject({ origin: { device: 'b' }, quantities: ['q1', 'q0'] });
    expect(keep.keep(reading([7, 8, 9])).quantities).toEqual(['q0', 'q1', 'q2']);
    expect(keep.keep(reading([1], { quantities: ['q0","q1'] })).quantities).toEqual(['q0","q1']);
    expect(keep.keep(reading([5, 6])).quantities).toBe(a.quantities);
  });

  it('have the serial number they came with', () => {
    const keep = new Keep('meter');
    const serials = ['1', null, '1', '2', '2'];
    const kept = serials.map((serial) => keep.keep(reading([1], { serial })));
    expect(kept.map(({ origin }) => origin)).toEqual(
      serials.map((serial) => ({ device: 'a', serial, source: 'meter' })),
    );
  });

  it('come from any number of devices', () => {
    const keep = new Keep('meter');
    const devices = Array.from({ length: 25_000 }, (_, i) => `meter-${i % 12_000}`);
    const kept = devices.map((device) => keep.keep(reading([1], { device, quantities: [device] })));
    expect(kept.map(({ origin }) => origin.device)).toEqual(devices);
    expect(kept.map(({ quantities }) => quantities[0])).toEqual(devices);
  });

  it('hold nothing else of their message: what hundreds of them held would all have to be collected from the old generation', async () => {
    const amis = createAmisProfile({ saldo: 'import' });
    const made: WeakRef<object>[] = [];
    const profile: Profile = {
      ...amis,
      decode(payload, context) {
        const decoded = amis.decode(payload, context);
        if (decoded.kind === 'readings')
          for (const { values, quantities } of decoded.readings)
            made.push(new WeakRef(values), new WeakRef(quantities));
        made.push(new WeakRef(decoded), new WeakRef(payload as object));
        return decoded;
      },
    };
    const { inlet, payload, intake, queue } = intakeBench();
    const meter = inlet({ profile });
    for (let n = 0; n < 100; n++) {
      const message = payload(`{"1.7.0":${n},"2.7.0":0,"serialnumber":"S${n}"}`);
      made.push(new WeakRef(message), new WeakRef(message.bytes));
      void meter.accept(message);
    }
    // What a weak reference was made of lives until the turn is over.
    await new Promise((resolve) => setImmediate(resolve));
    // Twice: a collection that had begun before may take what has died since for alive.
    collectGarbage();
    collectGarbage();
    // The shape is kept, and the engine may still hold the last message.
    expect(made.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(20);
    await intake.flush();
    expect(queue.totals).toMatchObject({ used: 100, values: 200 });
  });
});
