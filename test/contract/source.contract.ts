/** What every source that receives MQTT messages must do, whatever stands between it and the meter. */
import { expect, it } from 'vitest';
import type { Publisher } from '../../src/sources/mqtt/publisher.ts';
import type { Source } from '../../src/sources/source.ts';
import { TestInlet } from '../support/test-inlet.ts';

export interface SourceBench {
  /** A started source with these topics, connected; the bench stops it after the test. */
  source(inlet: TestInlet, options?: { topics?: readonly string[]; maxPayloadBytes?: number }): Promise<Source>;
  /** A meter that is logged in where the source listens. */
  meter(): Promise<Publisher>;
}

export function sourceContract(bench: SourceBench): void {
  it('brings what a meter publishes, byte for byte, with topic and QoS', async () => {
    const inlet = new TestInlet();
    await bench.source(inlet, { topics: ['smartmeter/data', 'home/+/power', 'pv/#'] });
    const meter = await bench.meter();
    await meter.publish('smartmeter/data', '{"1.7.0":501}', { qos: 1, retain: false });
    await meter.publish('home/cellar/power', Buffer.from([0, 255, 10]), { qos: 1, retain: false });
    await meter.publish('home/cellar/voltage', 'not asked for', { qos: 1, retain: false });
    await meter.publish('pv/roof/1', 'x', { qos: 1, retain: false });
    await expect.poll(() => inlet.payloads.length).toBe(3);
    expect(inlet.payloads.map((p) => [p.topic, Buffer.from(p.bytes), p.qos, p.retained, p.waited])).toEqual([
      ['smartmeter/data', Buffer.from('{"1.7.0":501}'), 1, false, false],
      ['home/cellar/power', Buffer.from([0, 255, 10]), 1, false, false],
      ['pv/roof/1', Buffer.from('x'), 1, false, false],
    ]);
  });

  it('brings messages in the order the meter published them', async () => {
    const inlet = new TestInlet();
    await bench.source(inlet);
    const meter = await bench.meter();
    const texts = Array.from({ length: 300 }, (_, i) => `m${i}`);
    await Promise.all(texts.map((text) => meter.publish('smartmeter/data', text, { qos: 1, retain: false })));
    await expect.poll(() => inlet.texts.length).toBe(300);
    expect(inlet.texts).toEqual(texts);
  });

  it('counts a message that is too large and goes on', async () => {
    const inlet = new TestInlet();
    await bench.source(inlet, { maxPayloadBytes: 100 });
    const meter = await bench.meter();
    await meter.publish('smartmeter/data', 'x'.repeat(101), { qos: 1, retain: false });
    await meter.publish('smartmeter/data', 'fits', { qos: 1, retain: false });
    await expect.poll(() => inlet.texts).toEqual(['fits']);
    expect(inlet.drops).toEqual([{ topic: 'smartmeter/data', reason: 'larger than 100 bytes' }]);
  });

  it('says that it is connected, and what it is', async () => {
    const source = await bench.source(new TestInlet());
    expect(source.status()).toEqual({ state: 'connected', detail: null, problems: [] });
    expect(source.window).toBeGreaterThan(0);
  });

  it('waits when it stops for what the intake has not finished', async () => {
    const inlet = new TestInlet({ hold: true });
    const source = await bench.source(inlet);
    const meter = await bench.meter();
    const published = meter.publish('smartmeter/data', 'x', { qos: 1, retain: false }).catch((e: unknown) => e);
    await expect.poll(() => inlet.held).toBe(1);
    let stopped = false;
    const stopping = source.stop(3_000).then(() => (stopped = true));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    inlet.release();
    await stopping;
    await expect(published).resolves.toBeUndefined();
  });
}
