import { describe, expect, it } from 'vitest';
import { allOf } from '../support/all-of.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { within } from '../support/fault-report.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { arrived } from '../support/outage.ts';

/** Of one minute. */
const READINGS = 30;
const SOON = { timeout: 30_000, interval: 100 };

describe.skipIf(lacks({ programs: ['mosquitto'] }))('a broker that is restarted', () => {
  it(
    'delivers again what was not acknowledged and what came while the gateway was away, if it keeps its sessions; if not, the gateway subscribes anew',
    within(120_000),
    () => allOf([keepsUnacknowledged, keepsForTheAbsent, forgets]),
  );
});

const PERSISTENT = ['persistence true', 'persistence_location {dir}/'];

/** Readings that wait for a commit when the broker goes are stored, and are known when it brings them once more. */
async function keepsUnacknowledged(): Promise<void> {
  const home = await startInstallation({ brokerConfig: PERSISTENT, linger: '5s' });
  const { meter, look } = home;
  await expect.poll(() => look().intake.used, SOON).toBe(1);
  await meter.catchUp(10, 9, 2);
  await restartBroker(home);
  await expect.poll(() => look().intake.duplicates, SOON).toBeGreaterThan(0);
  await meter.catchUp(8, 7, 2);
  await arrived(home, 'the broker restarts with unacknowledged messages, with persistence');
}

async function keepsForTheAbsent(): Promise<void> {
  const home = await startInstallation({ brokerConfig: PERSISTENT });
  const { meter, gateway, start, look } = home;
  await expect.poll(() => look().intake.used, SOON).toBe(1);
  expect(await gateway.stop()).toBe(0);
  await meter.catchUp(10, 9, 2);
  await restartBroker(home);
  await meter.catchUp(8, 7, 2);
  await start();
  await arrived(home, 'the broker restarts while the gateway is away, with persistence');
}

/** What reaches a broker of no memory while nobody is subscribed is nobody's; what comes afterwards is not lost. */
async function forgets(): Promise<void> {
  const home = await startInstallation();
  const { meter, look, toBroker } = home;
  await meter.catchUp(10, 9, 2);
  await expect.poll(() => look().intake.used, SOON).toBe(READINGS + 1);
  await restartBroker(home, 'SIGKILL', async () => {
    await expect.poll(() => look().sources[0]?.state, SOON).toBe('connecting');
  });
  await expect.poll(() => look().sources[0]?.state, SOON).toBe('connected');
  await meter.catchUp(8, 7, 2);
  await arrived(home, 'the broker restarts without persistence');
  expect(toBroker.attempts.length, 'connections to the broker').toBeLessThanOrEqual(12);
}

async function restartBroker(
  { broker, meter }: Installation,
  signal: NodeJS.Signals = 'SIGTERM',
  meanwhile = async (): Promise<void> => undefined,
): Promise<void> {
  await broker.mosquitto.kill(signal);
  await meanwhile();
  await broker.mosquitto.run();
  const publisher = await connectPublisher(broker.mosquitto.url);
  meter.publish = (topic, payload) => publisher.publish(topic, payload, { qos: 1, retain: false });
}
