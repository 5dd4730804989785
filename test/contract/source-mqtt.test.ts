import { afterEach, describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../src/model/error.ts';
import { SECOND } from '../../src/model/time.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { MqttSource } from '../../src/sources/mqtt/mqtt-source.ts';
import type { MqttSourceOptions } from '../../src/sources/mqtt/mqtt-source.ts';
import { selfSigned } from '../support/certificates.ts';
import { FakeBroker } from '../support/fake-broker.ts';
import type { FakeBrokerOptions, FakeConnection } from '../support/fake-broker.ts';
import { freePort } from '../support/free-port.ts';
import { silentLog } from '../support/silent-log.ts';
import { SteppedClock } from '../support/stepped-clock.ts';
import { TestInlet } from '../support/test-inlet.ts';

const TOPIC = 'smartmeter/data';
const running: { source: MqttSource[]; broker: FakeBroker[] } = { source: [], broker: [] };

afterEach(async () => {
  for (const source of running.source.splice(0)) await source.stop(100);
  for (const broker of running.broker.splice(0)) await broker.close();
});

async function listen(options: FakeBrokerOptions = {}): Promise<FakeBroker> {
  const broker = await FakeBroker.listen(options);
  running.broker.push(broker);
  return broker;
}

async function start(
  broker: { readonly url: string },
  inlet: TestInlet,
  options: Partial<MqttSourceOptions> = {},
): Promise<MqttSource> {
  const source = new MqttSource({
    name: 'meter',
    url: broker.url,
    protocol: 'auto',
    clientId: 'gateway-test-meter',
    topics: [TOPIC],
    maxPayloadBytes: 64 * 1024,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    ...options,
  });
  running.source.push(source);
  await source.start(inlet);
  return source;
}

/** A broker that takes only the password `right`, and a source at it whose password a test changes. */
async function refused(first: () => string) {
  const broker = await listen({
    onConnect: (connection, packet) => connection.connack({ code: packet.password?.toString() === 'right' ? 0 : 0x86 }),
  });
  const clock = new SteppedClock(0);
  const file = { reveal: first };
  const password = { reveal: () => file.reveal() };
  const source = await start(broker, new TestInlet(), { username: 'u', password, clock });
  await expect.poll(() => clock.sleeping).toBe(1);
  await clock.advance(0);
  await expect.poll(() => source.status().state).toBe('failed');
  return { broker, clock, file, source };
}

/** The newest connection once it has subscribed, or resumed its session. */
async function connected(broker: FakeBroker, source: MqttSource, nth = 1): Promise<FakeConnection> {
  return vi.waitFor(
    () => {
      const connection = broker.connections.filter((c) => c.connect !== null).at(-1);
      expect(broker.connections.length).toBeGreaterThanOrEqual(nth);
      expect(source.status().state).toBe('connected');
      if (connection === undefined || connection.closed) throw new Error('no connection');
      return connection;
    },
    { timeout: 3_000, interval: 5 },
  );
}

function unreadable(): string {
  throw new GatewayError('The secret file cannot be read.', { hint: 'Create the file.', exitCode: 2 });
}

describe('A message of the MQTT source', () => {
  it('is not acknowledged by a single byte before the intake has it on disk', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet));
    const before = connection.bytesReceived;

    for (let id = 1; id <= 50; id++) connection.publish(TOPIC, `m${id}`, { id });
    await expect.poll(() => inlet.held).toBe(50);
    connection.send({ cmd: 'pingresp' });
    connection.publish(TOPIC, 'after the ping', { id: 51 });
    await expect.poll(() => inlet.held).toBe(51);
    expect(connection.bytesReceived).toBe(before);

    inlet.release();
    await expect.poll(() => connection.acked.length).toBe(51);
  });

  it('is acknowledged in the order of receipt, whatever order the intake finishes in', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet));

    for (let id = 11; id <= 15; id++) connection.publish(TOPIC, `m${id}`, { id });
    await expect.poll(() => inlet.held).toBe(5);
    inlet.releaseAt(2);
    inlet.releaseAt(3);
    inlet.releaseAt(1);
    inlet.releaseAt(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(connection.acked).toEqual([]);
    inlet.release();
    await expect.poll(() => connection.acked).toEqual([11, 12, 13, 14, 15]);
  });

  it('is acknowledged in one write together with all that one commit stored', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet));

    for (let id = 1; id <= 128; id++) connection.publish(TOPIC, `m${id}`, { id });
    await expect.poll(() => inlet.held).toBe(128);
    inlet.release();
    await expect.poll(() => connection.ackWrites).toEqual([128]);
  });

  it('is never acknowledged on another connection than the one that brought it', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const source = await start(broker, inlet);
    const first = await connected(broker, source);
    first.publish(TOPIC, 'A', { id: 1 });
    await expect.poll(() => inlet.held).toBe(1);
    first.destroy();

    const second = await connected(broker, source, 2);
    second.publish(TOPIC, 'B', { id: 1 });
    await expect.poll(() => inlet.held).toBe(2);
    inlet.release(1);
    second.publish(TOPIC, 'C', { id: 2 });
    await expect.poll(() => inlet.held).toBe(2);
    expect(second.acked).toEqual([]);
    inlet.release();
    await expect.poll(() => second.acked).toEqual([1, 2]);
  });

  it('is delivered again after the intake could not store it', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const source = await start(broker, inlet);
    const first = await connected(broker, source);
    first.publish(TOPIC, 'A', { id: 1 });
    first.publish(TOPIC, 'B', { id: 2 });
    await expect.poll(() => inlet.held).toBe(2);
    inlet.rejectAll(new Error('disk full'));
    await expect.poll(() => first.closed).toBe(true);
    expect(first.acked).toEqual([]);
    await expect.poll(() => source.status().detail).toContain('disk full');
    await connected(broker, source, 2);
  });

  it('that is left over from QoS 2 is received by PUBREC only after the intake has it', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet));
    connection.publish(TOPIC, 'old', { id: 9, qos: 2 });
    await expect.poll(() => inlet.held).toBe(1);
    expect(connection.all('pubrec')).toEqual([]);
    inlet.release();
    await expect.poll(() => connection.all('pubrec').map((p) => p.messageId)).toEqual([9]);
    connection.send({ cmd: 'pubrel', messageId: 9 });
    await expect.poll(() => connection.all('pubcomp').map((p) => p.messageId)).toEqual([9]);
    expect(inlet.texts).toEqual(['old']);
  });

  it('larger than allowed is counted, acknowledged and does not reach the intake', async () => {
    const broker = await listen();
    const inlet = new TestInlet();
    const connection = await connected(broker, await start(broker, inlet, { maxPayloadBytes: 10 }));
    connection.publish(TOPIC, 'x'.repeat(11), { id: 1 });
    connection.publish(TOPIC, 'x'.repeat(10), { id: 2 });
    await expect.poll(() => connection.acked).toEqual([1, 2]);
    expect(inlet.texts).toEqual(['x'.repeat(10)]);
    expect(inlet.drops).toEqual([{ topic: TOPIC, reason: 'larger than 10 bytes' }]);
  });

  it.each([
    ['too large', TOPIC, 'x'.repeat(11)],
    ['on a topic of an older configuration', 'old/topic', 'x'],
  ])('%s is not acknowledged before its count is on disk', async (_what, topic, text) => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet, { maxPayloadBytes: 10 }));
    connection.publish(topic, text, { id: 1 });
    await expect.poll(() => inlet.drops.length).toBe(1);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(connection.acked).toEqual([]);
    inlet.release();
    await expect.poll(() => connection.acked).toEqual([1]);
  });

  it('on a topic of an older configuration is counted, acknowledged and unsubscribed', async () => {
    const broker = await listen();
    const inlet = new TestInlet();
    const connection = await connected(broker, await start(broker, inlet));
    connection.publish('old/topic', 'x', { id: 1 });
    connection.publish('old/topic', 'x', { id: 2 });
    await expect.poll(() => connection.acked).toEqual([1, 2]);
    expect(inlet.payloads).toEqual([]);
    expect(inlet.drops.map((d) => d.topic)).toEqual(['old/topic', 'old/topic']);
    await expect.poll(() => connection.all('unsubscribe').map((p) => p.unsubscriptions)).toEqual([['old/topic']]);
  });

  it('carries topic, bytes, QoS and the retained flag', async () => {
    const broker = await listen();
    const inlet = new TestInlet();
    const source = await start(broker, inlet, { topics: ['home/+/power', '$share/gateways/pv/#'] });
    const connection = await connected(broker, source);
    connection.publish('home/cellar/power', '1', { id: 1, retain: true });
    connection.publish('pv/roof/1', '2', { qos: 0 });
    await expect.poll(() => inlet.payloads.length).toBe(2);
    expect(inlet.payloads).toMatchObject([
      { topic: 'home/cellar/power', retained: true, qos: 1, waited: false },
      { topic: 'pv/roof/1', retained: false, qos: 0, waited: false },
    ]);
    expect(inlet.texts).toEqual(['1', '2']);
    expect(connection.all('subscribe')[0]?.subscriptions).toMatchObject([
      { topic: 'home/+/power', qos: 1, rh: 1 },
      { topic: '$share/gateways/pv/#', qos: 1, rh: 1 },
      { topic: 'gateway/gateway-test-meter/marker', qos: 1, rh: 1 },
    ]);
  });
});

describe('The memory of the MQTT source', () => {
  it('takes at most 1,024 messages that are not on disk, and goes on where it stopped', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet));
    for (let id = 1; id <= 5_000; id++) connection.publish(TOPIC, `m${id}`, { id });
    await expect.poll(() => inlet.held).toBe(1_024);
    // An overrun would show within the turns in which the rest could have been read.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(inlet.payloads.length).toBe(1_024);

    inlet.release(100);
    await expect.poll(() => inlet.payloads.length).toBe(1_124);
    inlet.holding = false;
    inlet.release();
    await expect.poll(() => connection.acked.length, { timeout: 5_000 }).toBe(5_000);
    expect(connection.acked).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1));
    expect(new Set(inlet.texts).size).toBe(5_000);
  });

  it('takes at most 4 MiB that are not on disk', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet));
    const large = 'x'.repeat(64 * 1024);
    for (let id = 1; id <= 100; id++) connection.publish(TOPIC, large, { id });
    await expect.poll(() => inlet.held).toBe(64);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(inlet.held).toBe(64);
    inlet.holding = false;
    inlet.release();
    await expect.poll(() => connection.acked.length).toBe(100);
  });

  it('drops and counts QoS 0 beyond the bound, and keeps reading', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const connection = await connected(broker, await start(broker, inlet));
    for (let id = 1; id <= 1_024; id++) connection.publish(TOPIC, `m${id}`, { id });
    for (let i = 0; i < 10; i++) connection.publish(TOPIC, 'volatile', { qos: 0 });
    await expect.poll(() => inlet.drops.length).toBe(10);
    expect(inlet.held).toBe(1_024);
    expect(inlet.drops[0]).toMatchObject({ topic: TOPIC, reason: expect.stringContaining('QoS 0') });
  });
});

describe('The MQTT source connects', () => {
  it('with MQTT 5 and a persistent session of bounded size', async () => {
    const broker = await listen();
    const source = await start(broker, new TestInlet(), { username: 'u', password: { reveal: () => 'geheim' } });
    const { connect } = await connected(broker, source);
    expect(connect).toMatchObject({
      protocolVersion: 5,
      clientId: 'gateway-test-meter',
      clean: false,
      keepalive: 30,
      username: 'u',
      properties: { sessionExpiryInterval: 604_800, receiveMaximum: 256, maximumPacketSize: 262_144 },
    });
    expect(connect?.password?.toString()).toBe('geheim');
    expect(source.window).toBe(256);
  });

  it.each([
    ['refuses the version as MQTT 3.1.1 says', (c: FakeConnection) => c.raw(Buffer.from([0x20, 2, 0, 1]))],
    ['refuses the version as MQTT 5 says', (c: FakeConnection) => c.connack({ code: 0x84 })],
    ['closes the connection', (c: FakeConnection) => c.end()],
    ['answers gibberish', (c: FakeConnection) => c.raw(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ])('with MQTT 3.1.1 at once when the broker %s', async (_what, answer) => {
    const broker = await listen({
      onConnect: (connection, packet) => (packet.protocolVersion === 5 ? answer(connection) : connection.connack()),
    });
    const inlet = new TestInlet();
    const source = await start(broker, inlet);
    const connection = await connected(broker, source, 2);
    expect(broker.connections.map((c) => c.connect?.protocolVersion)).toEqual([5, 4]);
    expect(source.window).toBe(20);
    connection.publish(TOPIC, 'x', { id: 3 });
    await expect.poll(() => connection.acked).toEqual([3]);
  });

  it('only with the configured version, and says so when the broker refuses it', async () => {
    const broker = await listen({ onConnect: (connection) => connection.connack({ code: 0x84 }) });
    const source = await start(broker, new TestInlet(), { protocol: '5' });
    await expect.poll(() => source.status().state).toBe('failed');
    expect(source.status().problems).toMatchObject([
      { code: 'source.failed', hint: expect.stringContaining('protocol: auto') },
    ]);
  });

  it('again after 1 s, 2 s, 4 s … jittered down to half, for as long as it runs', async () => {
    const delays: number[] = [];
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => {
        delays.push(ms);
        return systemClock.sleep(Math.min(ms, 1), signal);
      },
    };
    const port = await freePort();
    const source = await start({ url: `mqtt://127.0.0.1:${port}` }, new TestInlet(), { clock, random: () => 0.5 });
    await expect.poll(() => delays.length).toBeGreaterThan(8);
    expect(delays.slice(0, 9)).toEqual([0, 750, 1_500, 3_000, 6_000, 7_500, 7_500, 7_500, 7_500]);
    expect(source.status()).toMatchObject({ state: 'connecting', detail: expect.stringContaining('ECONNREFUSED') });
  });

  it('and subscribes only when the broker has no session, but always the first time', async () => {
    const broker = await listen({ onConnect: (connection) => connection.connack({ sessionPresent: true }) });
    const source = await start(broker, new TestInlet());
    const first = await connected(broker, source);
    await expect.poll(() => first.all('subscribe').length).toBe(1);
    first.destroy();
    const second = await connected(broker, source, 2);
    await expect.poll(() => second.all('publish').length).toBe(1);
    expect(second.all('subscribe')).toEqual([]);
    second.destroy();
    broker.options.onConnect = (connection) => connection.connack();
    const third = await connected(broker, source, 3);
    expect(third.all('subscribe').length).toBe(1);
  });

  it('with any client id, also one that holds the wildcards of topics', async () => {
    const broker = await listen();
    const source = await start(broker, new TestInlet(), { clientId: 'gateway #1 + more' });
    const connection = await connected(broker, source);
    expect(connection.connect?.clientId).toBe('gateway #1 + more');
    expect(connection.all('subscribe').flatMap((p) => p.subscriptions.map((s) => s.topic))).toEqual([
      TOPIC,
      'gateway/gateway _1 _ more/marker',
    ]);
  });

  it('and knows which topic was refused, whatever the topics are called and however often they are listed', async () => {
    const broker = await listen({ grant: (topic) => (topic === 'b' || topic.startsWith('gateway/') ? 0x87 : 1) });
    const source = await start(broker, new TestInlet(), { topics: ['b', 'a', 'a', 'resubscribe', '7'] });
    await connected(broker, source);
    expect(source.status().problems.map(({ message }) => message)).toEqual([
      'Source meter: The broker refuses the subscription to b.',
    ]);
  });

  it('to two brokers at once without mixing their messages', async () => {
    const [one, two] = [await listen(), await listen()];
    const [inletOne, inletTwo] = [new TestInlet(), new TestInlet()];
    const connectionOne = await connected(one, await start(one, inletOne, { clientId: 'one' }));
    const connectionTwo = await connected(two, await start(two, inletTwo, { clientId: 'two' }));
    connectionOne.publish(TOPIC, 'from one', { id: 1 });
    connectionTwo.publish(TOPIC, 'from two', { id: 1 });
    await expect.poll(() => [inletOne.texts, inletTwo.texts]).toEqual([['from one'], ['from two']]);
  });

  it('never when the address cannot be used', async () => {
    await expect(start({ url: 'http://broker' }, new TestInlet())).rejects.toThrow(GatewayError);
    await expect(start({ url: 'mqtt://user:geheim@broker' }, new TestInlet())).rejects.toThrow(/user name/);
  });
});

describe('The MQTT source says what a person must do', () => {
  it.each([
    ['the login', 5, 0x87, /username/],
    ['the client id', 5, 0x85, /clientId/],
    ['the login (3.1.1)', 4, 5, /username/],
  ])('when the broker refuses %s', async (_what, level, code, hint) => {
    const broker = await listen({ onConnect: (connection) => connection.connack({ code }) });
    const source = await start(broker, new TestInlet(), { protocol: level === 5 ? 'auto' : '3.1.1' });
    await expect.poll(() => source.status().state).toBe('failed');
    expect(source.status().problems).toMatchObject([{ code: 'source.failed', hint: expect.stringMatching(hint) }]);
    expect(broker.connections.length).toBe(1);
  });

  it('when another client takes over its session', async () => {
    const broker = await listen();
    const source = await start(broker, new TestInlet());
    const connection = await connected(broker, source);
    connection.send({ cmd: 'disconnect', reasonCode: 0x8e });
    connection.end();
    await expect.poll(() => source.status().state).toBe('failed');
    expect(source.status().detail).toContain('clientId');
  });

  it('when the broker refuses the subscription', async () => {
    const broker = await listen({ grant: (topic) => (topic === TOPIC ? 0x87 : 1) });
    const source = await start(broker, new TestInlet());
    await expect.poll(() => source.status().state).toBe('failed');
    expect(source.status().problems).toMatchObject([
      { code: 'source.failed', message: expect.stringContaining(TOPIC) },
    ]);
  });

  it('when the broker grants only QoS 0', async () => {
    const broker = await listen({ grant: () => 0 });
    const source = await start(broker, new TestInlet());
    await connected(broker, source);
    expect(source.status().problems).toMatchObject([{ code: 'source.qos0', hint: expect.stringContaining('QoS') }]);
  });

  it('when the meter publishes with QoS 0', async () => {
    const broker = await listen();
    const inlet = new TestInlet();
    const source = await start(broker, inlet);
    const connection = await connected(broker, source);
    connection.publish(TOPIC, 'state', { qos: 0, retain: true });
    await expect.poll(() => inlet.payloads.length).toBe(1);
    expect(source.status().problems).toEqual([]);
    connection.publish(TOPIC, 'x', { qos: 0 });
    await expect
      .poll(() => source.status().problems)
      .toMatchObject([{ code: 'source.qos0', message: expect.stringContaining(TOPIC) }]);
  });

  it('when the password file cannot be read, and keeps trying', async () => {
    const broker = await listen();
    const source = await start(broker, new TestInlet(), { username: 'u', password: { reveal: unreadable } });
    await expect.poll(() => source.status().detail).toContain('Create the file.');
  });
});

describe('A login that was refused', () => {
  it('is tried once more as soon as the password is another, and again when that is right', async () => {
    const { broker, clock, file, source } = await refused(() => 'wrong');
    await clock.advance(10 * SECOND);
    expect(broker.connections).toHaveLength(1);

    file.reveal = () => 'wrong too';
    await clock.advance(2 * SECOND);
    await expect.poll(() => broker.connections.length).toBe(2);
    await expect.poll(() => clock.sleeping).toBe(1);
    await clock.advance(10 * SECOND);
    expect(broker.connections).toHaveLength(2);

    file.reveal = () => 'right';
    await clock.advance(2 * SECOND);
    expect((await connected(broker, source, 3)).closed).toBe(false);
  });

  it('because its file could not be read is tried as soon as it can', async () => {
    const { broker, clock, file, source } = await refused(unreadable);
    await clock.advance(10 * SECOND);
    file.reveal = () => 'right';
    await clock.advance(2 * SECOND);
    expect((await connected(broker, source)).closed).toBe(false);
  });

  it('is tried again in its time when nothing changes', async () => {
    const { broker, clock } = await refused(() => 'wrong');
    await clock.advance(29 * SECOND);
    expect(broker.connections).toHaveLength(1);
    await clock.advance(SECOND);
    await expect.poll(() => broker.connections.length).toBe(2);
  });
});

describe('What waited at the broker while the source was away', () => {
  const session: FakeBrokerOptions = { onConnect: (connection) => connection.connack({ sessionPresent: true }) };

  it('is marked until the echo of the marker, and nothing after it', async () => {
    const broker = await listen({
      onConnect: (connection) => {
        connection.connack({ sessionPresent: true });
        connection.publish(TOPIC, 'old 1', { id: 1 });
        connection.publish('gateway/gateway-test-meter/marker', 'of an earlier connection', { id: 2 });
      },
      onPublish: (connection, packet) => {
        connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
        connection.publish(TOPIC, 'old 2', { id: 3 });
        connection.publish(packet.topic, packet.payload.toString(), { id: 4 });
        connection.publish(TOPIC, 'new', { id: 5 });
      },
    });
    const inlet = new TestInlet();
    const source = await start(broker, inlet);
    await expect.poll(() => inlet.payloads.length).toBe(3);
    expect(inlet.texts).toEqual(['old 1', 'old 2', 'new']);
    expect(inlet.payloads.map((p) => p.waited)).toEqual([true, true, false]);
    await expect.poll(() => broker.connections[0]?.acked).toEqual([1, 2, 3, 4, 5]);
    expect(source.status().problems).toEqual([]);
  });

  it('cannot be told without permission to publish the marker, which is a problem', async () => {
    const broker = await listen({
      ...session,
      onPublish: (connection, packet) =>
        connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0x87 }),
    });
    const inlet = new TestInlet();
    const source = await start(broker, inlet);
    const connection = await connected(broker, source);
    await expect
      .poll(() => source.status().problems)
      .toMatchObject([{ code: 'source.marker', hint: expect.stringContaining('gateway/gateway-test-meter/marker') }]);
    connection.publish(TOPIC, 'x', { id: 1 });
    await expect.poll(() => inlet.payloads.map((p) => p.waited)).toEqual([true]);
  });
});

describe('Over TLS the MQTT source', () => {
  it('trusts a broker whose certificate its own authority signed, and one whose fingerprint is pinned', async () => {
    const certificate = await selfSigned();
    const broker = await listen({ tls: certificate });
    const byCa = await start(broker, new TestInlet(), { tls: { ca: certificate.cert } });
    const first = await connected(broker, byCa);
    expect(first.connect?.clientId).toBe('gateway-test-meter');
    const fingerprint = certificate.fingerprint.replaceAll(':', '').toLowerCase();
    const byFingerprint = await start(broker, new TestInlet(), { tls: { fingerprint }, clientId: 'two' });
    const second = await connected(broker, byFingerprint, 2);
    expect(second.connect?.clientId).toBe('two');
  });

  it.each(['no authority', 'another authority', 'another fingerprint'])(
    'sends not one byte of MQTT to a broker with %s',
    async (wrong) => {
      const [certificate, other] = [await selfSigned(), await selfSigned('other')];
      const broker = await listen({ tls: certificate });
      const source = await start(broker, new TestInlet(), {
        username: 'u',
        password: { reveal: () => 'geheim' },
        tls:
          wrong === 'no authority'
            ? {}
            : wrong === 'another authority'
              ? { ca: other.cert }
              : { fingerprint: other.fingerprint },
      });
      await expect.poll(() => source.status().state).toBe('failed');
      expect(source.status().detail).toContain('fingerprint');
      await expect.poll(() => broker.connections.every((c) => c.closed)).toBe(true);
      expect(broker.connections.reduce((sum, c) => sum + c.bytesReceived, 0)).toBe(0);
    },
  );
});

describe('Stopping the MQTT source', () => {
  it('still acknowledges what the intake finishes in time, and takes nothing new', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const source = await start(broker, inlet);
    const connection = await connected(broker, source);
    connection.publish(TOPIC, 'before', { id: 1 });
    await expect.poll(() => inlet.held).toBe(1);
    const stopped = source.stop(2_000);
    connection.publish(TOPIC, 'after', { id: 2 });
    inlet.release();
    await stopped;
    await expect.poll(() => connection.closed).toBe(true);
    expect(connection.acked).toEqual([1]);
    expect(inlet.texts).toEqual(['before']);
    expect(connection.received.at(-1)?.cmd).toBe('disconnect');
  });

  it('takes nothing in on a connection that comes about while it stops', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const source = await start(broker, inlet);
    const first = await connected(broker, source);
    first.publish(TOPIC, 'before', { id: 1 });
    await expect.poll(() => inlet.held).toBe(1);
    const stopping = source.stop(5_000);
    first.destroy();
    await expect.poll(() => broker.connections[1]?.connect ?? null, { timeout: 3_000 }).not.toBeNull();
    broker.connections[1]?.publish(TOPIC, 'after', { id: 2 });
    await expect.poll(() => source.status().state).toBe('connected');
    inlet.release();
    await stopping;
    expect(inlet.texts).toEqual(['before']);
    expect(broker.connections[1]?.acked).toEqual([]);
  });

  it('does not wait longer than it is given, even with a full memory', async () => {
    const broker = await listen();
    const inlet = new TestInlet({ hold: true });
    const source = await start(broker, inlet);
    const connection = await connected(broker, source);
    for (let id = 1; id <= 5_000; id++) connection.publish(TOPIC, `m${id}`, { id });
    await expect.poll(() => inlet.held).toBe(1_024);
    const began = performance.now();
    await source.stop(200);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(connection.acked).toEqual([]);
    expect(inlet.held).toBe(1_024);
  });
});
