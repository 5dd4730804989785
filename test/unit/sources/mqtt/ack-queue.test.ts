import { expect, it } from 'vitest';
import { AckQueue } from '../../../../src/sources/mqtt/ack-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('writes PUBACK and PUBREC in receipt order, as one write per turn', async () => {
  const writes: Buffer[] = [];
  const queue = new AckQueue((bytes) => writes.push(Buffer.from(bytes)));
  const [a, b, c] = [queue.expect(0x0102, 1), queue.expect(7, 2), queue.expect(8, 1)];
  queue.settle(c);
  queue.settle(a);
  await turn();
  expect(writes).toEqual([Buffer.from([0x40, 2, 1, 2])]);
  queue.settle(b);
  await turn();
  expect(writes[1]).toEqual(Buffer.from([0x50, 2, 0, 7, 0x40, 2, 0, 8]));
  expect(writes.length).toBe(2);
});

it('writes nothing after it was closed', async () => {
  const writes: Uint8Array[] = [];
  const queue = new AckQueue((bytes) => writes.push(bytes));
  const ack = queue.expect(1, 1);
  const other = queue.expect(2, 1);
  queue.settle(ack);
  queue.close();
  queue.settle(other);
  await turn();
  expect(writes).toEqual([]);
});

it('keeps the order through many thousand acknowledgements', async () => {
  const ids: number[] = [];
  const queue = new AckQueue((bytes) => {
    const frames = Buffer.from(bytes);
    for (let i = 0; i < frames.length; i += 4) ids.push(frames.readUInt16BE(i + 2));
  });
  const acks = Array.from({ length: 20_000 }, (_, i) => queue.expect(i + 1, 1));
  for (let i = 0; i < acks.length; i += 100) {
    for (const ack of acks.slice(i, i + 100).toReversed()) queue.settle(ack);
    await turn();
  }
  expect(ids).toEqual(acks.map((ack) => ack.messageId));
});
