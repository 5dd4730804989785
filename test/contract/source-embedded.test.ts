import { execFile } from 'node:child_process';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { generate, parser } from 'mqtt-packet';
import type { Packet } from 'mqtt-packet';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../src/model/error.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { EmbeddedBrokerSource } from '../../src/sources/embedded/embedded-source.ts';
import type { EmbeddedBrokerOptions } from '../../src/sources/embedded/embedded-source.ts';
import { MqttSource } from '../../src/sources/mqtt/mqtt-source.ts';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';
import type { PublisherOptions } from '../../src/sources/mqtt/publisher.ts';
import { freePort } from '../support/free-port.ts';
import { silentLog } from '../support/silent-log.ts';
import { TestInlet } from '../support/test-inlet.ts';
import { sourceContract } from './source.contract.ts';

const TOPIC = 'smartmeter/data';
const run = promisify(execFile);
const undo: (() => Promise<unknown>)[] = [];
let clients = 0;

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function embedded(inlet: TestInlet, options: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBrokerSource> {
  const source = new EmbeddedBrokerSource({
    name: 'meter',
    url: 'embedded://127.0.0.1:0',
    topics: [],
    maxPayloadBytes: 64 * 1024,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    ...options,
  });
  undo.push(() => source.stop(100));
  await source.start(inlet);
  await expect.poll(() => source.status().state).toBe('connected');
  return source;
}

function portOf(source: EmbeddedBrokerSource): number {
  return source.address?.port ?? 0;
}

async function meter(source: EmbeddedBrokerSource, options: Partial<PublisherOptions> = {}): Promise<Publisher> {
  const publisher = await Publisher.connect(
    { url: `mqtt://127.0.0.1:${portOf(source)}`, protocol: '3.1.1', clientId: `meter-${(clients += 1)}`, ...options },
    AbortSignal.timeout(3_000),
  );
  undo.push(() => publisher.close());
  return publisher;
}

/** A client that says on the wire exactly what a test says. */
class RawClient {
  readonly received: Packet[] = [];
  readonly socket: Socket;
  bytesReceived = 0;
  closed = false;

  constructor(port: number, clientId = 'raw') {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const reader = parser({ protocolVersion: 4 });
    reader.on('packet', (packet: Packet) => this.received.push(packet));
    this.socket.on('data', (chunk: Buffer) => {
      this.bytesReceived += chunk.length;
      reader.parse(chunk);
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
    this.send({ cmd: 'connect', clientId, protocolVersion: 4, protocolId: 'MQTT', clean: false, keepalive: 0 });
    undo.push(async () => this.socket.destroy());
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet));
  }

  publish(payload: string, options: { id?: number; qos?: 0 | 1 | 2 } = {}): void {
    this.socket.write(publishPacket(payload, options));
  }

  /** QoS 1 messages 1 to `count` in one write. */
  publishAll(count: number): void {
    this.socket.write(
      Buffer.concat(Array.from({ length: count }, (_, i) => publishPacket(`m${i + 1}`, { id: i + 1 }))),
    );
  }

  ids(cmd: Packet['cmd']): number[] {
    return this.received.filter((packet) => packet.cmd === cmd).map((packet) => packet.messageId ?? 0);
  }

  async connected(): Promise<this> {
    await vi.waitUntil(() => this.received[0]?.cmd === 'connack', { interval: 10 });
    return this;
  }
}

function publishPacket(payload: string, { id = 1, qos = 1 }: { id?: number; qos?: 0 | 1 | 2 }): Buffer {
  const packet = { cmd: 'publish', topic: TOPIC, payload, qos, dup: false, retain: false } as const;
  return generate(qos > 0 ? { ...packet, messageId: id } : packet);
}

describe('The embedded broker', () => {
  let current: EmbeddedBrokerSource;
  sourceContract({
    source: async (inlet, options) => {
      current = await embedded(inlet, options);
      return current;
    },
    meter: () => meter(current),
  });

  it('sends not one byte to a meter before the intake has its QoS 1 message on disk', async () => {
    const inlet = new TestInlet({ hold: true });
    const client = await new RawClient(portOf(await embedded(inlet))).connected();
    const before = client.bytesReceived;
    client.publishAll(20);
    await expect.poll(() => inlet.held).toBe(20);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(client.bytesReceived).toBe(before);
    inlet.release(5);
    await expect.poll(() => client.ids('puback')).toEqual([1, 2, 3, 4, 5]);
    inlet.release();
    await expect.poll(() => client.ids('puback')).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('acknowledges a message that is too large only once its count is on disk', async () => {
    const inlet = new TestInlet({ hold: true });
    const source = await embedded(inlet, { maxPayloadBytes: 10 });
    const client = await new RawClient(portOf(source)).connected();
    client.publish('x'.repeat(11), { id: 7 });
    await expect.poll(() => inlet.drops.length).toBe(1);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(client.ids('puback')).toEqual([]);
    inlet.release();
    await expect.poll(() => client.ids('puback')).toEqual([7]);
  });

  it('names a meter that publishes with QoS 0, and the setting to change', async () => {
    const inlet = new TestInlet();
    const source = await embedded(inlet, { topics: [TOPIC] });
    const publisher = await meter(source);
    await publisher.publish('other/topic', 'x', { qos: 0, retain: false });
    await publisher.publish(TOPIC, 'x', { qos: 1, retain: false });
    expect(source.status().problems).toEqual([]);
    await publisher.publish(TOPIC, 'x', { qos: 0, retain: false });
    await expect
      .poll(() => source.status().problems)
      .toMatchObject([
        {
          code: 'source.qos0',
          message: expect.stringMatching(/meter.*smartmeter\/data/),
          hint: expect.stringContaining('QoS to 1'),
        },
      ]);
  });

  it('sends PUBREC for a QoS 2 message only after the intake has it on disk', async () => {
    const inlet = new TestInlet({ hold: true });
    const client = await new RawClient(portOf(await embedded(inlet))).connected();
    client.publish('x', { id: 7, qos: 2 });
    await expect.poll(() => inlet.held).toBe(1);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(client.ids('pubrec')).toEqual([]);
    inlet.release();
    await expect.poll(() => client.ids('pubrec')).toEqual([7]);
  });

  it('never acknowledges what the intake could not store: the meter is cut off and sends it again', async () => {
    const inlet = new TestInlet({ hold: true });
    const client = await new RawClient(portOf(await embedded(inlet))).connected();
    client.publish('x', { id: 7 });
    await expect.poll(() => inlet.held).toBe(1);
    inlet.rejectAll(new Error('disk full'));
    await expect.poll(() => client.closed).toBe(true);
    expect(client.ids('puback')).toEqual([]);
  });

  it('takes at most 1,024 messages that are not on disk, from all meters together', async () => {
    const inlet = new TestInlet({ hold: true });
    const port = portOf(await embedded(inlet));
    const clients = await Promise.all([new RawClient(port, 'a').connected(), new RawClient(port, 'b').connected()]);
    for (const client of clients) client.publishAll(1_500);
    await expect.poll(() => inlet.held).toBe(1_024);
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(inlet.payloads.length).toBe(1_024);
    inlet.holding = false;
    inlet.release();
    await expect
      .poll(() => clients.map((client) => client.ids('puback').length), { timeout: 5_000 })
      .toEqual([1_500, 1_500]);
  });

  it('drops and counts QoS 0 beyond that', async () => {
    const inlet = new TestInlet({ hold: true });
    const port = portOf(await embedded(inlet));
    const busy = await new RawClient(port, 'busy').connected();
    busy.publishAll(1_024);
    await expect.poll(() => inlet.held).toBe(1_024);
    const volatile = await new RawClient(port, 'volatile').connected();
    for (let i = 0; i < 10; i++) volatile.publish('x', { qos: 0 });
    await expect.poll(() => inlet.drops.length).toBe(10);
    expect(inlet.payloads.length).toBe(1_024);
    expect(inlet.drops[0]).toMatchObject({ topic: TOPIC, reason: expect.stringContaining('QoS 0') });
  });

  it('does not take in what waited for room when its meter has left, since the meter sends it again', async () => {
    const inlet = new TestInlet({ hold: true });
    const source = await embedded(inlet);
    const busy = await new RawClient(portOf(source), 'busy').connected();
    busy.publishAll(1_024);
    await expect.poll(() => inlet.held).toBe(1_024);
    const leaving = await new RawClient(portOf(source), 'leaving').connected();
    leaving.publish('left behind', { id: 1 });
    // A takeover by the same client id says that the broker has noticed.
    const staying = await new RawClient(portOf(source), 'leaving').connected();
    await expect.poll(() => leaving.closed).toBe(true);
    staying.publish('sent again', { id: 1 });
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    inlet.holding = false;
    inlet.release();
    await expect.poll(() => staying.ids('puback')).toEqual([1]);
    expect(inlet.texts.slice(1_024)).toEqual(['sent again']);
  });

  it('serves other subscribers as any broker does, retained messages included', async () => {
    const inlet = new TestInlet();
    const source = await embedded(inlet, { topics: [TOPIC] });
    const sender = await meter(source);
    await sender.publish('home/state', 'on', { qos: 1, retain: true });
    const subscribe = [
      '-h',
      '127.0.0.1',
      '-p',
      String(portOf(source)),
      '-t',
      'home/#',
      '-q',
      '1',
      '-C',
      '1',
      '-W',
      '3',
    ];
    await expect.poll(async () => (await run('mosquitto_sub', [...subscribe, '-v'])).stdout).toBe('home/state on\n');
    const live = run('mosquitto_sub', [...subscribe, '-R']);
    const timer = setInterval(() => void sender.publish('home/live', 'x', { qos: 0, retain: false }), 20);
    expect((await live).stdout).toBe('x\n');
    clearInterval(timer);
    expect(inlet.payloads).toEqual([]);
  });

  it('takes every topic as a reading when none is configured, but not its own', async () => {
    const inlet = new TestInlet();
    const sender = await meter(await embedded(inlet));
    await sender.publish('any/thing', 'x', { qos: 1, retain: true });
    expect(inlet.payloads.map((p) => [p.topic, p.retained])).toEqual([['any/thing', false]]);
  });

  it('lets in only who knows the login', async () => {
    const source = await embedded(new TestInlet(), { username: 'meter', password: { reveal: () => 'geheim' } });
    await expect(meter(source)).rejects.toThrow(/refuses the login/);
    await expect(meter(source, { username: 'meter', password: { reveal: () => 'falsch' } })).rejects.toThrow(
      GatewayError,
    );
    const good = await meter(source, { username: 'meter', password: { reveal: () => 'geheim' } });
    await expect(good.publish(TOPIC, 'x', { qos: 1, retain: false })).resolves.toBeUndefined();
  });

  it('never opens itself to the network without a login', async () => {
    await expect(embedded(new TestInlet(), { url: 'embedded://0.0.0.0:0' })).rejects.toMatchObject({
      name: 'GatewayError',
      exitCode: 2,
      hint: expect.stringContaining('username'),
    });
    const source = await embedded(new TestInlet(), {
      url: 'embedded://0.0.0.0:0',
      username: 'meter',
      password: { reveal: () => 'geheim' },
    });
    expect(source.address?.host).toBe('0.0.0.0');
  });

  it('says which broker to use when the port is taken, and takes the port once it is free', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 10), signal),
    };
    const source = new EmbeddedBrokerSource({
      name: 'meter',
      url: `embedded://127.0.0.1:${port}`,
      topics: [],
      maxPayloadBytes: 1_000,
      clock,
      random: () => 0,
      log: silentLog,
    });
    undo.push(() => source.stop(100));
    await source.start(new TestInlet());
    await expect.poll(() => source.status().state).toBe('failed');
    expect(source.status().problems).toMatchObject([
      { code: 'source.failed', hint: expect.stringContaining('A broker runs here: set MQTT_BROKER=127.0.0.1') },
    ]);
    await new Promise((resolve) => other.close(resolve));
    await expect.poll(() => source.status()).toEqual({ state: 'connected', detail: null, problems: [] });
  });

  it('says an address one can connect to when it was to listen on all of them', async () => {
    const port = await freePort();
    const other = createServer();
    undo.push(() => new Promise((resolve) => other.close(resolve)));
    await new Promise<void>((resolve) => other.listen(port, '0.0.0.0', resolve));
    const source = new EmbeddedBrokerSource({
      name: 'meter',
      url: `embedded://0.0.0.0:${port}`,
      username: 'u',
      password: { reveal: () => 'p' },
      topics: [],
      maxPayloadBytes: 1_000,
      clock: systemClock,
      random: () => 0,
      log: silentLog,
    });
    undo.push(() => source.stop(100));
    await source.start(new TestInlet());
    await expect.poll(() => source.status().detail).toContain('MQTT_BROKER=127.0.0.1');
  });

  it('closes a client that sends too large a packet, before it has arrived', async () => {
    const port = portOf(await embedded(new TestInlet()));
    const client = await new RawClient(port).connected();
    client.socket.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
    await expect.poll(() => client.closed).toBe(true);
  });

  it('serves at most 64 clients', async () => {
    const port = portOf(await embedded(new TestInlet()));
    const crowd = Array.from({ length: 64 }, (_, i) => new RawClient(port, `crowd-${i}`));
    await Promise.all(crowd.map((client) => client.connected()));
    const late = new RawClient(port, 'late');
    await expect.poll(() => late.closed).toBe(true);
    expect(late.received).toEqual([]);
  });

  it('keeps no session for a subscriber that left', async () => {
    const source = await embedded(new TestInlet());
    const first = await new RawClient(portOf(source), 'visitor').connected();
    first.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: TOPIC, qos: 1 }] });
    await expect.poll(() => first.ids('suback')).toEqual([1]);
    first.socket.destroy();
    const sender = await meter(source);
    await sender.publish(TOPIC, 'x', { qos: 1, retain: false });
    const second = await new RawClient(portOf(source), 'visitor').connected();
    expect(second.received).toMatchObject([{ cmd: 'connack', sessionPresent: false }]);
  });

  it('speaks MQTT 3.1.1, which a client that begins with MQTT 5 finds out by itself', async () => {
    const source = await embedded(new TestInlet());
    const gateway = new MqttSource({
      name: 'second',
      url: `mqtt://127.0.0.1:${portOf(source)}`,
      protocol: 'auto',
      clientId: 'second',
      topics: [TOPIC],
      maxPayloadBytes: 1_000,
      clock: systemClock,
      random: () => 0,
      log: silentLog,
    });
    undo.push(() => gateway.stop(100));
    const inlet = new TestInlet();
    await gateway.start(inlet);
    await vi.waitFor(() => expect(gateway.status().state).toBe('connected'), { timeout: 3_000 });
    const sender = await meter(source, { protocol: 'auto' });
    await sender.publish(TOPIC, 'x', { qos: 1, retain: false });
    await expect.poll(() => inlet.texts).toEqual(['x']);
  });
});
