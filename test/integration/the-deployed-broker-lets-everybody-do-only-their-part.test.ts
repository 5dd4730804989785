/** The files of scripts/deploy as compose mounts them, with Debian's Mosquitto. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { MqttSource } from '../../src/sources/mqtt/mqtt-source.ts';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { lacks } from '../support/needs.ts';
import { silentLog } from '../support/silent-log.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import { TestInlet } from '../support/test-inlet.ts';

const DEPLOY = join(ROOT, 'scripts/deploy');
const QUALITY = { qos: 1, retain: false } as const;
const PASSWORDS = { gateway: 'gateway-pass', meter: 'meter-pass' } as const;
type User = keyof typeof PASSWORDS;

describe.skipIf(lacks({ programs: ['mosquitto', 'mosquitto_passwd'] }))(
  'with the access list of scripts/deploy',
  () => {
    let broker: Mosquitto;
    const undo: (() => Promise<unknown>)[] = [];
    let clients = 0;

    beforeEach(async () => {
      const config = readFileSync(join(DEPLOY, 'mosquitto.conf'), 'utf8')
        .replace('#acl_file', 'acl_file')
        .replace(/^listener .*$/m, '')
        .replaceAll(/\/mosquitto\/(?:config|data)\//g, '{dir}/');
      const files = { acl: readFileSync(join(DEPLOY, 'mosquitto.acl'), 'utf8'), passwords: passwords() };
      broker = await Mosquitto.start({ config: config.split('\n'), files });
      undo.push(() => broker.stop());
    });
    afterEach(async () => {
      for (const step of undo.splice(0).toReversed()) await step();
    });

    async function source(user: User, inlet: TestInlet, clientId = 'gateway-pi-meter'): Promise<MqttSource> {
      const started = new MqttSource({
        name: 'meter',
        url: broker.url,
        protocol: 'auto',
        clientId,
        username: user,
        password: { reveal: () => PASSWORDS[user] },
        topics: ['amis/data'],
        maxPayloadBytes: 1024,
        clock: systemClock,
        random: () => 0,
        log: silentLog,
      });
      undo.push(() => started.stop(100));
      await started.start(inlet);
      await vi.waitFor(() => expect(started.status().state).toBe('connected'), { timeout: 10_000, interval: 10 });
      return started;
    }

    async function publisher(user: User): Promise<Publisher> {
      const login = { username: user, password: { reveal: () => PASSWORDS[user] } };
      const options = { url: broker.url, protocol: 'auto', clientId: `publisher-${(clients += 1)}`, ...login } as const;
      const connected = await Publisher.connect(options, AbortSignal.timeout(10_000));
      undo.push(() => connected.close());
      return connected;
    }

    it('the gateway reads what the meter writes, and finds out by its marker what had waited', async () => {
      const meter = await publisher('meter');
      const first = await source('gateway', new TestInlet());
      await first.stop(100);
      await meter.publish('amis/data', 'while away', QUALITY);
      const inlet = new TestInlet();
      const again = await source('gateway', inlet);
      await expect.poll(() => inlet.payloads.length, { timeout: 5_000 }).toBe(1);
      // Without its echo, what comes now would count as having waited too.
      await expect
        .poll(
          async () => {
            await meter.publish('amis/data', 'now', QUALITY);
            return inlet.payloads.at(-1)?.waited;
          },
          { timeout: 5_000 },
        )
        .toBe(false);
      expect(inlet.payloads[0]?.waited).toBe(true);
      expect(again.status().problems).toEqual([]);
    });

    it.each([
      ['the meter', 'meter', 'amis/other'],
      ['the meter', 'meter', 'gateway/gateway-pi-meter/marker'],
      ['the gateway', 'gateway', 'amis/data'],
      ['the gateway', 'gateway', 'home/lights'],
    ] as const)('%s may not write to another topic than its own: %s %s', async (_, user, topic) => {
      const client = await publisher(user);
      await expect(client.publish(topic, 'x', QUALITY)).rejects.toThrow(`does not allow publishing to ${topic}`);
    });

    it('the meter reads nothing', async () => {
      const [allowed, curious] = [new TestInlet(), new TestInlet()];
      await source('gateway', allowed);
      await source('meter', curious, 'curious');
      const meter = await publisher('meter');
      for (const text of ['one', 'two']) await meter.publish('amis/data', text, QUALITY);
      await expect.poll(() => allowed.texts, { timeout: 5_000 }).toEqual(['one', 'two']);
      expect(curious.texts).toEqual([]);
    });
  },
);

/** As the script writes them from `.env`. */
function passwords(): string {
  const root = tempDir();
  mkdirSync(join(root, 'scripts/deploy'), { recursive: true });
  cpSync(join(DEPLOY, 'mosquitto-password'), join(root, 'scripts/deploy/mosquitto-password'));
  const users = ['MQTT', 'MQTT_METER'].map((name, i) => {
    const [user, password] = Object.entries(PASSWORDS)[i] ?? [];
    return `${name}_USER=${user}\n${name}_PASSWORD=${password}\n`;
  });
  writeFileSync(join(root, '.env'), users.join(''));
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin`;
  execFileSync(join(root, 'scripts/deploy/mosquitto-password'), { env: { ...process.env, PATH }, stdio: 'ignore' });
  return readFileSync(join(root, 'scripts/deploy/passwords'), 'utf8');
}
