/** All of a home: a meter, Debian's Mosquitto, the gateway as a process, the stand-in; a proxy on either side of the gateway. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Status } from '../../src/report/status.ts';
import { startBroker, type TestBroker } from './broker-for-tests.ts';
import { StoredBatches } from './stored-batches.ts';
import { startDynatrace, type StandIn, TOKEN } from './dynatrace.ts';
import { FaultProxy, type FaultProxyOptions } from './fault-proxy.ts';
import { GatewayProcess } from './gateway-process.ts';
import { statusReader } from './status-reader.ts';
import { TestMeter } from './test-meter.ts';
import { tempDir } from './temp-dir.ts';

export interface InstallationOptions {
  /** Where the proxies listen; default 127.0.0.1. */
  readonly host?: string;
  /** The name that the gateway is given for Dynatrace, instead of `host`. */
  readonly name?: string;
  /** A program with arguments that runs the gateway in another world. */
  readonly launcher?: readonly string[];
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly linger?: string;
  readonly brokerConfig?: readonly string[];
  readonly observeBroker?: FaultProxyOptions['observe'];
}

export interface Installation {
  readonly dynatrace: StandIn;
  readonly toDynatrace: FaultProxy;
  readonly broker: TestBroker;
  readonly toBroker: FaultProxy;
  readonly meter: TestMeter;
  readonly gateway: GatewayProcess;
  readonly stored: StoredBatches;
  /** What `gateway status` would say now. */
  readonly look: () => Status;
  /** Starts the gateway, and waits until its source is connected. */
  readonly start: () => Promise<void>;
}

const STARTED = { timeout: 30_000, interval: 100 };

/** Everything is connected, one reading has been delivered, and it ends with the test. */
export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const {
    host = '127.0.0.1',
    name = host,
    launcher,
    tls,
    linger = '200ms',
    brokerConfig = [],
    observeBroker,
  } = options;
  const stored = new StoredBatches();
  const dynatrace = await startDynatrace({
    onRequest: stored.note,
    keepArrivals: false,
    keepRequests: 10_000,
    ...(tls !== undefined && { tls }),
  });
  onTestFinished(() => dynatrace.stop());
  // Mosquitto drops the newest of more than 1,000 messages that wait for a slow subscriber.
  const broker = await startBroker({ config: ['allow_anonymous true', 'max_queued_messages 0', ...brokerConfig] });
  const toDynatrace = await FaultProxy.start({ target: dynatrace.port, host });
  const toBroker = await FaultProxy.start({
    target: broker.port,
    host,
    ...(observeBroker !== undefined && { observe: observeBroker }),
  });
  const dir = tempDir();
  const scheme = tls === undefined ? 'http' : 'https';
  if (tls !== undefined) writeFileSync(join(dir, 'ca.pem'), tls.cert);
  const gateway = new GatewayProcess({
    dir,
    ...(launcher !== undefined && { launcher }),
    yaml: `
queue: { linger: ${linger} }
sources:
  - { type: mqtt, name: meter, url: "mqtt://${toBroker.address}", topics: [amis/data] }
sinks:
  - type: dynatrace
    name: dynatrace
    url: "${scheme}://${name}:${toDynatrace.port}"
    token: ${TOKEN}
    resolution: raw
    flush: 1s
    ${tls === undefined ? '' : 'ca: ca.pem'}
`,
  });
  const meter = new TestMeter(broker.publish);
  const look = statusReader(dir);
  const start = async (): Promise<void> => {
    const { startedAt } = look().daemon;
    await gateway.start();
    // Until its first beat, what is told is of the run before.
    await expect
      .poll(() => look().daemon.startedAt !== startedAt && look().sources[0]?.state === 'connected', STARTED)
      .toBe(true);
  };
  await start();
  await meter.measure();
  return { dynatrace, toDynatrace, broker, toBroker, meter, gateway, stored, look, start };
}
