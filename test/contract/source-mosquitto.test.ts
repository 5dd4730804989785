import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { MqttSource } from '../../src/sources/mqtt/mqtt-source.ts';
import type { MqttSourceOptions } from '../../src/sources/mqtt/mqtt-source.ts';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';
import type { PublisherOptions } from '../../src/sources/mqtt/publisher.ts';
import { selfSigned } from '../support/certificates.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { silentLog } from '../support/silent-log.ts';
import { TestInlet } from '../support/test-inlet.ts';
import { sourceContract } from './source.contract.ts';

const TOPIC = 'smartmeter/data';
const sources: MqttSource[] = [];
const meters: Publisher[] = [];
const brokers: Mosquitto[] = [];
let shared: Mosquitto;
let clients = 0;

beforeAll(async () => {
  shared = await Mosquitto.start();
});
afterEach(async () => {
  for (const meter of meters.splice(0)) await meter.close();
  for (const source of sources.splice(0)) await source.stop(100);
  for (const broker of brokers.splice(0)) await broker.stop();
});
afterAll(() => shared.stop());

async function source(inlet: TestInlet, options: Partial<MqttSourceOptions> = {}): Promise<MqttSource> {
  const started = new MqttSource({
    name: 'meter',
    url: shared.url,
    protocol: 'auto',
    clientId: `gateway-test-${(clients += 1)}`,
    topics: [TOPIC],
    maxPayloadBytes: 64 * 1024,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    ...options,
  });
  sources.push(started);
  await started.start(inlet);
  await vi.waitFor(() => expect(started.status().state).toBe('connected'), { timeout: 5_000, interval: 10 });
  return started;
}

async function meter(broker: Mosquitto, options: Partial<PublisherOptions> = {}): Promise<Publisher> {
  const clientId = `meter-${(clients += 1)}`;
  const publisher = await Publisher.connect(
    { url: broker.url, protocol: 'auto', clientId, ...options },
    AbortSignal.timeout(5_000),
  );
  meters.push(publisher);
  return publisher;
}

const quality = { qos: 1, retain: false } as const;

describe.each(['5', '3.1.1'] as const)('The MQTT source against Mosquitto with MQTT %s', (protocol) => {
  sourceContract({
    source: (inlet, options) => source(inlet, { protocol, ...options }),
    meter: () => meter(shared, { protocol }),
  });

  it('gets again what it had not acknowledged when it died', async () => {
    const clientId = `gateway-test-${(clients += 1)}`;
    const lost = new TestInlet({ hold: true });
    const first = await source(lost, { protocol, clientId });
    const sender = await meter(shared);
    for (let i = 0; i < 20; i++) await sender.publish(TOPIC, `m${i}`, quality);
    await expect.poll(() => lost.held).toBe(20);
    lost.release(5);
    await first.stop(0);

    const inlet = new TestInlet();
    await source(inlet, { protocol, clientId });
    await expect.poll(() => inlet.texts).toEqual(Array.from({ length: 15 }, (_, i) => `m${i + 5}`));
  });

  it('marks what waited while it was away, and nothing that came later', async () => {
    const clientId = `gateway-test-${(clients += 1)}`;
    const before = new TestInlet();
    const first = await source(before, { protocol, clientId });
    const sender = await meter(shared);
    await sender.publish(TOPIC, 'at once', quality);
    await expect.poll(() => before.payloads.map((p) => p.waited)).toEqual([false]);
    await first.stop(0);
    for (let i = 0; i < 500; i++) await sender.publish(TOPIC, `old ${i}`, quality);

    const inlet = new TestInlet({ hold: true });
    const second = await source(inlet, { protocol, clientId });
    // The broker holds the marker's echo back behind its queue, which moves only as fast as we acknowledge.
    const drain = setInterval(() => inlet.release(100), 5);
    await expect.poll(() => inlet.payloads.length, { timeout: 5_000 }).toBe(500);
    clearInterval(drain);
    inlet.holding = false;
    inlet.release();
    await vi.waitFor(
      async () => {
        await sender.publish(TOPIC, 'new', quality);
        expect(inlet.payloads.at(-1)?.waited).toBe(false);
      },
      { timeout: 5_000 },
    );
    const old = inlet.payloads.filter((_, i) => inlet.texts[i]?.startsWith('old') === true);
    expect(old.length).toBe(500);
    expect(old.every((p) => p.waited)).toBe(true);
    expect(second.status().problems).toEqual([]);
  });
});

describe('The MQTT source against Mosquitto', () => {
  it('passes on that a message was retained, once and not at every reconnect', async () => {
    const broker = await Mosquitto.start({
      config: ['allow_anonymous true', 'persistence true', 'persistence_location {dir}/'],
    });
    brokers.push(broker);
    const sender = await meter(broker);
    await sender.publish(TOPIC, 'state', { qos: 1, retain: true });
    const inlet = new TestInlet();
    const clientId = 'gateway-retained';
    const first = await source(inlet, { url: broker.url, clientId });
    await expect.poll(() => inlet.payloads.map((p) => p.retained)).toEqual([true]);
    await sender.publish(TOPIC, 'live', { qos: 1, retain: true });
    await expect.poll(() => inlet.payloads.map((p) => p.retained)).toEqual([true, false]);
    await first.stop(1_000);
    await source(inlet, { url: broker.url, clientId });
    await sender.publish(TOPIC, 'later', quality);
    await expect.poll(() => inlet.texts).toEqual(['state', 'live', 'later']);
  });

  it('reconnects by itself and goes on after the broker was restarted', async () => {
    const broker = await Mosquitto.start();
    brokers.push(broker);
    const inlet = new TestInlet();
    const started = await source(inlet, { url: broker.url });
    await broker.kill('SIGKILL');
    await expect.poll(() => started.status().state).toBe('connecting');
    await broker.run();
    await expect.poll(() => started.status().state, { timeout: 5_000 }).toBe('connected');
    const sender = await meter(broker);
    await sender.publish(TOPIC, 'x', quality);
    await expect.poll(() => inlet.texts).toEqual(['x']);
  });

  it('names the marker’s topic when it may not be used, and still brings readings', async () => {
    const broker = await Mosquitto.start({
      config: ['allow_anonymous true', 'acl_file {dir}/acl'],
      files: { acl: `topic readwrite ${TOPIC}\n` },
    });
    brokers.push(broker);
    const clientId = 'gateway-acl';
    const inlet = new TestInlet();
    await (await source(inlet, { url: broker.url, clientId })).stop(100);
    const started = await source(inlet, { url: broker.url, clientId });
    await expect.poll(() => started.status().problems).toMatchObject([{ code: 'source.marker' }]);
    const sender = await meter(broker);
    await sender.publish(TOPIC, 'x', quality);
    await expect.poll(() => inlet.payloads.map((p) => p.waited)).toEqual([true]);
  });

  it('shares its topics with other gateways of a group', async () => {
    const topics = [`$share/gateways/${TOPIC}`];
    const [one, two] = [new TestInlet(), new TestInlet()];
    await source(one, { topics });
    await source(two, { topics });
    const sender = await meter(shared);
    for (let i = 0; i < 20; i++) await sender.publish(TOPIC, `m${i}`, quality);
    await expect.poll(() => one.payloads.length + two.payloads.length).toBe(20);
    expect(one.payloads.length).toBeGreaterThan(0);
    expect(two.payloads.length).toBeGreaterThan(0);
  });

  it('logs in over TLS with name and password, and says so when they are wrong', async () => {
    const certificate = await selfSigned();
    const broker = await Mosquitto.start({
      config: [
        'certfile {dir}/cert.pem',
        'keyfile {dir}/key.pem',
        'allow_anonymous false',
        'password_file {dir}/passwords',
      ],
      files: {
        'cert.pem': certificate.cert,
        'key.pem': certificate.key,
        passwords: passwordLine('gateway', 'geheim'),
      },
    });
    brokers.push(broker);
    const url = broker.url.replace('mqtt:', 'mqtts:');
    const tls = { ca: certificate.cert };
    const good = { url, tls, username: 'gateway', password: { reveal: () => 'geheim' } };
    await source(new TestInlet(), good);
    await meter(broker, good);
    await expect(meter(broker, { ...good, password: { reveal: () => 'falsch' } })).rejects.toMatchObject({
      name: 'GatewayError',
      hint: expect.stringContaining('password'),
    });
  });
});

/** A line of mosquitto_passwd's file: PBKDF2 with SHA-512. */
function passwordLine(user: string, password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${user}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}
