import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { startBroker } from './broker.ts';
import { Child } from './child.ts';
import { CountingSink } from './counting-sink.ts';
import { GatewayDaemon, TOPIC } from './gateway-daemon.ts';
import { amisMessages } from './household.ts';
import { MqttFlood } from './mqtt-flood.ts';
import { type Comparison, found, type Peer } from './peers.ts';
import { cpuSeconds, residentBytes } from './process-facts.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';

export interface PassedThrough {
  /** Messages whose lines have all reached the sink. */
  readonly messages: number;
  readonly perSecond: number;
  readonly cpuSeconds: number;
  readonly mostResidentBytes: number;
}

const DEVICES = 100;
const VALUES = 10;
const LOOK_EVERY_MS = 50;
/** Nothing more arrives for so long: what is missing will not come. */
const STALLED_MS = 15_000;
/** A program that nobody can ask whether it is ready. */
const START_MS = 3_000;

/** How fast messages come through the gateway, value by value as its peers send them. */
export async function throughGateway(stage: Stage, program: Program, messages: number): Promise<PassedThrough> {
  const sink = await CountingSink.start(stage);
  const brokerPort = await startBroker(stage);
  const dataDir = join(stage.dir, 'peers-gateway');
  const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: sink.url, resolution: 'raw' });
  await gateway.start();
  await gateway.ready();
  return passThrough(stage, { pid: gateway.pid, mqttPort: brokerPort, sink, linesPerMessage: VALUES, messages });
}

export async function throughPeer(
  stage: Stage,
  peer: Peer,
  comparison: Comparison,
  messages: number,
): Promise<PassedThrough> {
  const command = found(peer);
  if (command === null) throw new Error(`${peer.program} is not on PATH`);
  const sink = await CountingSink.start(stage);
  const mqttPort = comparison.listens ? await freePort() : await startBroker(stage);
  const args = comparison.prepare({ dir: stage.dir, mqttPort, sinkUrl: sink.url, topic: TOPIC });
  const child = Child.start(stage, { name: peer.program, command, args });
  await stage.sleep(START_MS);
  if (child.hasEnded) throw new Error(`${peer.program} ended:\n${child.output}`);
  const { linesPerMessage } = comparison;
  return passThrough(stage, { pid: child.pid, mqttPort, sink, linesPerMessage, messages });
}

async function passThrough(
  stage: Stage,
  work: { pid: number; mqttPort: number; sink: CountingSink; linesPerMessage: number; messages: number },
): Promise<PassedThrough> {
  const { pid, mqttPort, sink, linesPerMessage, messages } = work;
  const [cpuBefore, linesBefore] = [cpuSeconds(pid), sink.items('metrics')];
  const start = performance.now();
  const flood = await MqttFlood.connect(mqttPort);
  // Some minutes old, so that nobody waits for a minute to end.
  await flood.publish(amisMessages(DEVICES, messages / DEVICES, Math.floor(Date.now() / 1000) - 120));
  let arrived = 0;
  let lastMs = start;
  await stage.until(LOOK_EVERY_MS, () => {
    const now = Math.min(messages, Math.floor((sink.items('metrics') - linesBefore) / linesPerMessage));
    if (now > arrived) [arrived, lastMs] = [now, performance.now()];
    stage.progress(arrived, messages, `${messages} messages`);
    return arrived === messages || performance.now() - lastMs > STALLED_MS ? true : null;
  });
  await flood.close();
  return {
    messages: arrived,
    perSecond: (arrived * 1000) / (lastMs - start),
    cpuSeconds: cpuSeconds(pid) - cpuBefore,
    mostResidentBytes: residentBytes(pid, 'VmHWM'),
  };
}
