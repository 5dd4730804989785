import { array, assert, integer, nat, property } from 'fast-check';
import { generate } from 'mqtt-packet';
import { expect, it } from 'vitest';
import { packetMeter } from '../../../src/sources/packet-guard.ts';

it('follows packets of any size, however the network cuts them', () => {
  assert(
    property(
      array(nat(3_000), { minLength: 1, maxLength: 20 }),
      array(integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 10 }),
      (sizes, cuts) => {
        const bytes = Buffer.concat([
          generate({ cmd: 'pingresp' }),
          ...sizes.map((size) =>
            generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(size), qos: 0, dup: false, retain: false }),
          ),
        ]);
        const largest = Math.max(...sizes) + 3;
        const measure = packetMeter(2_000);
        let found: number | null = null;
        for (let at = 0, i = 0; at < bytes.length && found === null; i++) {
          const cut = cuts[i % cuts.length] ?? 1;
          found = measure(bytes.subarray(at, at + cut));
          at += cut;
        }
        expect(found !== null).toBe(largest > 2_000);
      },
    ),
  );
});

it('reports a packet that is too large from its header alone', () => {
  const measure = packetMeter(1_000);
  expect(measure(Buffer.from([0x30, 0xff]))).toBeNull();
  expect(measure(Buffer.from([0xff, 0xff, 0x7f]))).toBeGreaterThan(1_000);
});
