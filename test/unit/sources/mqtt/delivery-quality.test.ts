import { expect, it } from 'vitest';
import { DeliveryQuality } from '../../../../src/sources/mqtt/delivery-quality.ts';

it('names refused topics and topics granted at QoS 0, until they are granted', () => {
  const quality = new DeliveryQuality();
  quality.granted(['a', 'b', 'c'], [1, 0x80, 0]);
  expect(quality.refused).toEqual(['b']);
  expect(quality.problems(0).map((p) => [p.code, p.message])).toEqual([
    ['source.failed', expect.stringContaining(' b.')],
    ['source.qos0', expect.stringContaining(' c:')],
  ]);
  quality.granted(['a', 'b', 'c'], [1, 1, 1]);
  expect(quality.problems(0)).toEqual([]);
});

it('takes a topic without a code for refused', () => {
  const quality = new DeliveryQuality();
  quality.granted(['a', 'b'], [1]);
  expect(quality.refused).toEqual(['b']);
});

it('forgets a QoS 0 message after an hour', () => {
  const quality = new DeliveryQuality();
  quality.sawQos0('meter/x', 1_000);
  expect(quality.problems(1_000 + 3_599_999)).toMatchObject([{ code: 'source.qos0' }]);
  expect(quality.problems(1_000 + 3_600_000)).toEqual([]);
});
