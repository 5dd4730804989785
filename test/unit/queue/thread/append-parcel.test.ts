import { expect, it } from 'vitest';
import type { Append } from '../../../../src/queue/queue.ts';
import { AppendPacker, AppendUnpacker, type AppendParcel } from '../../../../src/queue/thread/append-parcel.ts';
import { at } from '../../../support/queue-fixture.ts';
import { appendOf, type TestReading } from '../../../support/queue-readings.ts';

const READINGS: TestReading[] = [
  { at: at(0), device: 'a', serial: '1', values: { p: 1, q: -0.5 }, deviceTime: at(0), receivedAt: at(0, 2), mono: 3 },
  { at: at(1), device: 'b', values: { p: 2 }, timeUnknown: true, message: 0 },
  { at: at(2), device: 'a', serial: '1', values: { r: 3 }, onlyDeviceTime: true, derived: true, message: 1 },
];
const COUNTS = [{ source: 'mqtt', refused: 1, ignored: 2, refusedFields: 3, lastRefusal: null }];

it('brings an append over as it was', () => {
  const append = appendOf(READINGS, COUNTS);
  expect(over(new AppendPacker(), new AppendUnpacker(), append)).toEqual(append);
  const counted = appendOf([], COUNTS);
  expect(over(new AppendPacker(), new AppendUnpacker(), counted)).toEqual(counted);
});

it('reads columns that were left out as those of an append to which they do not apply', () => {
  const { onlyDeviceTime: _, derived: __, ...append } = appendOf(READINGS);
  const none = new Uint8Array(READINGS.length);
  expect(over(new AppendPacker(), new AppendUnpacker(), append)).toEqual({
    ...append,
    onlyDeviceTime: none,
    derived: none,
  });
});

it('moves one buffer, and tells each origin once', () => {
  const packer = new AppendPacker();
  const unpacker = new AppendUnpacker();
  const append = appendOf(READINGS);
  const first = packer.pack(append);
  expect(first.newOrigins).toEqual(append.readings.origins);
  const crossed = unpacker.unpack(cross(first)).readings.origins;
  expect(first.buffer.byteLength).toBe(0);
  const other = appendOf([{ at: at(3), device: 'c' }]);
  const origins = [...other.readings.origins, ...append.readings.origins];
  const again = packer.pack({ ...other, readings: { ...other.readings, origins } });
  expect(again.newOrigins).toEqual(other.readings.origins);
  const recrossed = unpacker.unpack(cross(again)).readings.origins;
  expect(recrossed).toEqual(origins);
  expect(recrossed[1]).toBe(crossed[0]);
});

it('forgets both sides of the origins when there are too many, and goes on', () => {
  const packer = new AppendPacker();
  const unpacker = new AppendUnpacker();
  const known = appendOf([{ at: at(0), device: 'known' }]);
  expect(over(packer, unpacker, known)).toEqual(known);
  const begun: number[] = [];
  for (let n = 0; n < 21; n++) {
    const many = appendOf(Array.from({ length: 999 }, (_, i) => ({ at: at(n), device: `${n}-${i}` })));
    const parcel = packer.pack(many);
    if (parcel.anew) begun.push(n);
    expect(unpacker.unpack(cross(parcel)).readings.origins).toEqual(many.readings.origins);
  }
  expect(begun).toEqual([10, 20]);
  expect(over(packer, unpacker, known)).toEqual(known);
});

function over(packer: AppendPacker, unpacker: AppendUnpacker, append: Append): Append {
  return unpacker.unpack(cross(packer.pack(append)));
}

function cross(parcel: AppendParcel): AppendParcel {
  return structuredClone(parcel, { transfer: [parcel.buffer] });
}
