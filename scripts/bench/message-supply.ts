/** Messages that wait at a broker for one subscriber. */
import { join } from 'node:path';
import { startBroker } from './broker.ts';
import { Child } from './child.ts';
import { amisMessages } from './household.ts';
import { MqttFlood } from './mqtt-flood.ts';
import type { Stage } from './stage.ts';
import type { StrictBrokerArgument } from './strict-broker-process.ts';

/** What a broker sends ahead of the acknowledgements, by protocol: what the gateway asks for, or Mosquitto's default. */
export interface Window {
  readonly protocol: '5' | '3.1.1';
  readonly messages: number;
}

export interface MessageSupply {
  readonly port: number;
  readonly messages: number;
  /** Has them wait for the subscriber with this process id, which is connected and may be made to stand still. */
  hold(subscriber: number): Promise<void>;
  /** From now on they come. */
  release(subscriber: number): void;
}

export type SupplyKind = 'Mosquitto' | 'a strict broker';

export const WINDOW_20: Window = { protocol: '3.1.1', messages: 20 };
export const WINDOW_256: Window = { protocol: '5', messages: 256 };

const DEVICES = 400;
/** Mosquitto's own limit holds for a client that names none; one that does is to get what it asks for. */
const NO_LIMIT = 1_000;

export async function supply(stage: Stage, kind: SupplyKind, window: Window, count: number): Promise<MessageSupply> {
  const perDevice = Math.ceil(count / DEVICES);
  if (kind === 'a strict broker') return strictBroker(stage, window, perDevice);
  const port = await startBroker(stage, window.protocol === '5' ? NO_LIMIT : window.messages);
  return {
    port,
    messages: DEVICES * perDevice,
    hold: async (subscriber) => {
      stage.say(`queueing ${DEVICES * perDevice} messages at the broker`);
      process.kill(subscriber, 'SIGSTOP');
      const flood = await MqttFlood.connect(port);
      await flood.publish(amisMessages(DEVICES, perDevice, Math.floor(Date.now() / 1000)));
      await flood.close();
    },
    release: (subscriber) => void process.kill(subscriber, 'SIGCONT'),
  };
}

async function strictBroker(stage: Stage, { protocol, messages }: Window, perDevice: number): Promise<MessageSupply> {
  const argument: StrictBrokerArgument = { window: messages, devices: DEVICES, perDevice, protocol };
  const args = [join(import.meta.dirname, 'strict-broker-process.ts'), JSON.stringify(argument)];
  const child = Child.start(stage, { name: 'broker', command: process.execPath, args });
  const { listening } = JSON.parse(await child.line(/"listening"/)) as { listening: number };
  return {
    port: listening,
    messages: DEVICES * perDevice,
    hold: () => Promise.resolve(),
    release: () => void process.kill(child.pid, 'SIGUSR2'),
  };
}
