import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StandIn } from '../../src/simulate/dynatrace/stand-in.ts';
import { createCertificate } from '../../test/support/certificate.ts';
import { FaultProxy } from '../../test/support/fault-proxy.ts';
import { startBroker } from './broker.ts';
import { GatewayDaemon } from './gateway-daemon.ts';
import { LiveMeters } from './live-meters.ts';
import { MqttFlood } from './mqtt-flood.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';

export interface Traffic {
  readonly readings: number;
  readonly requests: number;
  readonly connections: number;
  /** Both directions, TLS included, TCP and IP not. */
  readonly wireBytes: number;
  /** Lines with a value of a reading. */
  readonly points: number;
  /** Lines about the gateway itself. */
  readonly healthPoints: number;
}

const EVERY_SECONDS = 5;
const MINUTE_MS = 60_000;
/** A minute is sent soon after its end: in the middle of the next one nothing is on its way. */
const MIDDLE_MS = { earliest: 20_000, latest: 45_000 };

/** What one meter that measures every 5 s causes on the line to Dynatrace in so many minutes, from the middle of one to that of another. */
export async function trafficOf(
  stage: Stage,
  program: Program,
  resolution: '1m' | 'raw',
  minutes: number,
): Promise<Traffic> {
  const tls = await createCertificate();
  const ca = join(stage.dir, `ca-${resolution}.pem`);
  writeFileSync(ca, tls.cert);
  const bodies: string[] = [];
  const standIn = await StandIn.start({
    now: () => Date.now(),
    tls,
    store: false,
    keepBodies: true,
    keepRequests: 1,
    onRequest: ({ body, status }) => {
      if (status === 202) bodies.push(body ?? '');
    },
  });
  stage.onEnd(() => standIn.stop());
  let wireBytes = 0;
  const line = await FaultProxy.start(
    { target: standIn.port, observe: ({ length }) => (wireBytes += length) },
    (undo) => stage.onEnd(undo),
  );
  const brokerPort = await startBroker(stage);
  const dataDir = join(stage.dir, `network-${resolution}`);
  const gateway = new GatewayDaemon(stage, program, {
    dataDir,
    brokerPort,
    sinkUrl: `https://${line.address}`,
    ca,
    resolution,
  });
  await gateway.start();
  await gateway.ready();
  const flood = await MqttFlood.connect(brokerPort);
  const meter = new LiveMeters(flood, 1 / EVERY_SECONDS, 1);
  meter.start(stage);
  await stage.sleep(untilMiddle());

  const before = { wireBytes, published: meter.published, connections: line.attempts.length };
  bodies.length = 0;
  await stage.sleep(minutes * MINUTE_MS);
  const lines = bodies.flatMap((body) => body.split('\n'));
  const points = lines.filter((text) => text.startsWith('smartmeter.')).length;
  const traffic = {
    readings: meter.published - before.published,
    requests: bodies.length,
    connections: line.attempts.length - before.connections,
    wireBytes: wireBytes - before.wireBytes,
    points,
    healthPoints: lines.filter((text) => text !== '' && !text.startsWith('#')).length - points,
  };
  await meter.stop();
  await flood.close();
  await gateway.stop();
  return traffic;
}

/** How long until a minute is under way, and neither the one before it is being sent nor the next one near. */
function untilMiddle(): number {
  const into = Date.now() % MINUTE_MS;
  return into > MIDDLE_MS.latest ? MINUTE_MS - into + MIDDLE_MS.earliest : Math.max(0, MIDDLE_MS.earliest - into);
}
