/** Node lets a variable turn verification off for a whole process; a password or token sent then is anybody's. */
import { connect } from 'node:tls';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { HttpSource } from '../../src/sources/http/http-source.ts';
import { MqttSource } from '../../src/sources/mqtt/mqtt-source.ts';
import type { TlsTrust } from '../../src/sources/mqtt/broker-stream.ts';
import { createCertificate, type Certificate } from '../support/certificate.ts';
import { aSample, sendSamples } from '../support/dynatrace-sink.ts';
import { FakeBroker } from '../support/fake-broker.ts';
import { runCli } from '../support/run-cli.ts';
import { OK, ScriptedRig } from '../support/scripted-sink.ts';
import { reply } from '../support/scripted-server.ts';
import { silentLog } from '../support/silent-log.ts';
import { tempDir } from '../support/temp-dir.ts';
import { TestInlet } from '../support/test-inlet.ts';

const OFF = 'NODE_TLS_REJECT_UNAUTHORIZED';
const rig = new ScriptedRig();
let good: Certificate;
let other: Certificate;
let expired: Certificate;
let future: Certificate;

beforeAll(async () => {
  [good, other, expired, future] = await Promise.all([
    createCertificate(),
    createCertificate(),
    createCertificate({ notBefore: '20100101000000Z', notAfter: '20110101000000Z' }),
    createCertificate({ notBefore: '20900101000000Z', notAfter: '20990101000000Z' }),
  ]);
});
beforeEach(() => void vi.stubEnv(OFF, '0'));
afterEach(async () => {
  vi.unstubAllEnvs();
  await rig.dispose();
});

interface Wrong {
  readonly what: string;
  readonly shown: () => Certificate;
  readonly trust: () => TlsTrust;
  readonly host?: string;
}

const WRONG: readonly Wrong[] = [
  { what: 'of no known authority', shown: () => good, trust: () => ({}) },
  { what: 'of another authority', shown: () => good, trust: () => ({ ca: other.cert }) },
  { what: 'for another host', shown: () => good, trust: () => ({ ca: good.cert }), host: 'localhost' },
  { what: 'that has run out', shown: () => expired, trust: () => ({ ca: expired.cert }) },
  { what: 'that is not valid yet', shown: () => future, trust: () => ({ ca: future.cert }) },
];

it('the control: a connection that leaves it to the environment is made to anybody', async () => {
  const server = await rig.serve(OK, good);
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  expect(socket.authorized).toBe(false);
  socket.destroy();
});

describe('a broker with a certificate', () => {
  it.each([
    ...WRONG,
    { what: 'other than the pinned one', shown: () => good, trust: () => ({ fingerprint: '0'.repeat(64) }) },
  ])('$what is told nothing', async ({ shown, trust, ...where }: Wrong) => {
    const broker = await FakeBroker.listen({ tls: shown() });
    onTestFinished(() => broker.close());
    const source = new MqttSource({
      name: 'meter',
      url: broker.url.replace('127.0.0.1', where.host ?? '127.0.0.1'),
      protocol: 'auto',
      clientId: 'gateway-test-meter',
      username: 'u',
      password: { reveal: () => 'geheim' },
      tls: trust(),
      topics: ['x'],
      maxPayloadBytes: 1024,
      clock: systemClock,
      random: () => 0,
      log: silentLog,
    });
    onTestFinished(() => source.stop(100));
    await source.start(new TestInlet());
    await expect.poll(() => source.status().detail, { timeout: 10_000 }).toMatch(/certificate/);
    expect(source.status().state).not.toBe('connected');
    expect(broker.connections.reduce((sum, connection) => sum + connection.bytesReceived, 0)).toBe(0);
  });
});

/** A source that asks a device which shows this certificate, and the device. */
async function asked(shown: Certificate, { ca, host = '127.0.0.1' }: { ca?: string; host?: string }) {
  const device = await rig.serve(reply(200, '{}'), shown);
  const source = new HttpSource({
    name: 'poll',
    url: device.url.replace('127.0.0.1', host),
    paths: ['/status'],
    intervalMs: 60_000,
    timeoutMs: 10_000,
    maxPayloadBytes: 1024,
    auth: 'basic',
    username: 'u',
    password: { reveal: () => 'geheim' },
    ca: ca ?? null,
    clock: systemClock,
    log: silentLog,
  });
  onTestFinished(() => source.stop(100));
  await source.start(new TestInlet());
  return { device, source };
}

describe('a device with a certificate that is asked over HTTP', () => {
  it.each(WRONG)('$what is sent no password', async ({ shown, trust, host }) => {
    const { device, source } = await asked(shown(), { ...trust(), ...(host !== undefined && { host }) });
    await expect.poll(() => source.status().detail, { timeout: 10_000 }).toMatch(/certificate/);
    expect(source.status().state).not.toBe('connected');
    expect(device.requests).toEqual([]);
  });

  it('of the authority that is named is asked', async () => {
    const { device, source } = await asked(good, { ca: good.cert });
    await expect.poll(() => source.status().state, { timeout: 10_000 }).toBe('connected');
    expect(device.requests).toHaveLength(1);
  });
});

describe('a Dynatrace with a certificate', () => {
  it.each(WRONG)('$what is sent nothing', async ({ shown, trust, host = '127.0.0.1' }) => {
    const server = await rig.serve(OK, shown());
    const sink = rig.sinkTo(server.url.replace('127.0.0.1', host), trust());
    const outcome = await sendSamples(sink, [aSample()]);
    expect(outcome).toMatchObject({
      kind: 'retry',
      bytesSent: 0,
      message: expect.stringMatching(/certificate/i) as unknown,
    });
    expect(server.requests).toEqual([]);
  });

  it('is believed without one only where the configuration says so, and then the status warns', async () => {
    const server = await rig.serve(OK, good);
    const dir = tempDir();
    for (const [keys, requests] of [
      ['', 0],
      ['insecureSkipVerify: true', 2],
    ] as const) {
      const yaml = `sinks: [{ type: dynatrace, url: "${server.url}", token: abcdef, ${keys} }]`;
      writeFileSync(join(dir, 'gateway.yaml'), yaml, { mode: 0o600 });
      const { stdout } = await runCli(['check', '--online', '--json'], { cwd: dir, env: { [OFF]: '0' } });
      expect(server.requests).toHaveLength(requests);
      const { stdout: status } = await runCli(['status', '--json'], { cwd: dir });
      for (const text of [stdout, status]) expect(text.includes('tls.unverified'), text).toBe(requests > 0);
    }
  });
});
