import { assertBalance, assertCounts } from '../assert-balance.ts';
import { startBroker } from '../broker.ts';
import { CountingProxy } from '../counting-proxy.ts';
import { GatewayDaemon } from '../gateway-daemon.ts';
import { amisPayload, readings } from '../household.ts';
import { MqttFlood } from '../mqtt-flood.ts';
import { paceOf, type Sighting } from '../pace-of.ts';
import type { Program } from '../program.ts';
import { cpuSeconds } from '../process-facts.ts';
import type { Measurement, Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { StandInProcess } from '../stand-in.ts';

const DEVICES = 400;
const PER_DEVICE = 500;
const PER_DEVICE_THROUGH_PROXY = 50;
const EVERY_SECONDS = 5;
const VALUES = 10;

/**
 * How fast a queue at the broker becomes readings on disk: durable QoS 1, nothing delivered meanwhile because the sink
 * answers 503. Between 10 % and 90 %, so without the start of the process.
 */
export function intakeScenario(program: Program): Scenario {
  return {
    name: 'intake',
    limitMs: 240_000,
    run: async (stage) => {
      const { perSecond, cpu } = await takeIn(stage, program, PER_DEVICE);
      const window = await seenWindow(stage, program);
      return {
        figures: [
          { name: 'QoS 1 messages on disk', unit: 'messages/s', value: perSecond, goal: { atLeast: 40_000 } },
          { name: 'most unacknowledged', unit: 'messages', value: window.seen },
        ],
        notes: [
          `${DEVICES * PER_DEVICE} messages, none lost, the ledger balances; ${cpu.toFixed(1)} s of processor time`,
          `receive maximum asked: ${window.asked ?? 'none'}; the most unacknowledged in a run of its own with ${DEVICES * PER_DEVICE_THROUGH_PROXY} messages`,
        ],
      } satisfies Measurement;
    },
  };
}

async function takeIn(stage: Stage, program: Program, perDevice: number): Promise<{ perSecond: number; cpu: number }> {
  const brokerPort = await startBroker(stage);
  const gateway = await withSession(stage, program, brokerPort, 'data');
  await queueUp(stage, brokerPort, perDevice);
  const sightings = await drainBroker(stage, gateway, DEVICES * perDevice);
  const cpu = cpuSeconds(gateway.pid);
  await gateway.stop();
  return { perSecond: paceOf(sightings, DEVICES * perDevice, 0.1, 0.9), cpu };
}

async function seenWindow(stage: Stage, program: Program): Promise<{ asked: number | null; seen: number }> {
  const brokerPort = await startBroker(stage);
  const proxy = await CountingProxy.start(stage, brokerPort);
  const gateway = await withSession(stage, program, proxy.port, 'proxied');
  await queueUp(stage, brokerPort, PER_DEVICE_THROUGH_PROXY);
  await drainBroker(stage, gateway, DEVICES * PER_DEVICE_THROUGH_PROXY);
  await gateway.stop();
  return { asked: proxy.askedWindow, seen: proxy.seenWindow };
}

/** A gateway that was connected once and is stopped now: the broker keeps its session. */
async function withSession(stage: Stage, program: Program, brokerPort: number, name: string): Promise<GatewayDaemon> {
  const standIn = await StandInProcess.start(stage, program);
  await standIn.refuse(503);
  const dataDir = `${stage.dir}/${name}`;
  const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: standIn.url });
  await gateway.start();
  await gateway.ready();
  await gateway.stop();
  return gateway;
}

async function queueUp(stage: Stage, brokerPort: number, perDevice: number): Promise<void> {
  stage.say(`queueing ${DEVICES * perDevice} messages at the broker`);
  const flood = await MqttFlood.connect(brokerPort);
  await flood.publish(messages(perDevice));
  await flood.close();
}

function* messages(perDevice: number): Generator<{ topic: string; payload: string }> {
  for (const reading of readings(DEVICES, perDevice, EVERY_SECONDS, Math.floor(Date.now() / 1000))) {
    yield { topic: `meters/${reading.device}/data`, payload: amisPayload(reading) };
  }
}

async function drainBroker(stage: Stage, gateway: GatewayDaemon, total: number): Promise<Sighting[]> {
  stage.say(`taking in ${total} messages`);
  const sightings: Sighting[] = [];
  await gateway.start();
  await gateway.watch(50, ({ intake }, atMs) => {
    sightings.push({ atMs, count: intake.messages });
    return intake.messages >= total ? true : null;
  });
  const report = gateway.report();
  assertBalance(report);
  const { messages, used, duplicates, readings, values } = report.intake;
  assertCounts(
    { messages, used, duplicates, readings, values, stored: report.storedReadings, pending: report.pendingValues },
    {
      messages: total,
      used: total,
      duplicates: 0,
      readings: total,
      values: total * VALUES,
      stored: total,
      pending: total * VALUES,
    },
  );
  return sightings;
}
