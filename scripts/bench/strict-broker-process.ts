/**
 * A broker for one subscriber that has messages and keeps to the window, which Mosquitto 2.0.11 does not. It sends nothing until
 * SIGUSR2. `node strict-broker-process.ts JSON`
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { generate, parser, type Packet } from 'mqtt-packet';
import { amisMessages } from './household.ts';

export interface StrictBrokerArgument {
  readonly window: number;
  readonly devices: number;
  readonly perDevice: number;
  readonly protocol: '5' | '3.1.1';
}

const IDS = 65_535;

const { window, devices, perDevice, protocol } = JSON.parse(process.argv[2] ?? '{}') as StrictBrokerArgument;
const options = { protocolVersion: protocol === '5' ? 5 : 4 } as const;
const packets = Array.from(amisMessages(devices, perDevice, Math.floor(Date.now() / 1000)), ({ topic, payload }, i) =>
  generate({ cmd: 'publish', topic, payload, qos: 1, messageId: (i % IDS) + 1, dup: false, retain: false }, options),
);
let subscriber: Socket | null = null;
let released = false;
let sent = 0;
let acknowledged = 0;

const server = createServer({ noDelay: true }, (socket) => {
  const incoming = parser(options);
  incoming.on('packet', (packet: Packet) => answer(socket, packet));
  socket.on('data', (bytes) => {
    incoming.parse(bytes);
    sendOn();
  });
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ listening: (server.address() as AddressInfo).port })}\n`);
});
process.on('SIGUSR2', () => {
  released = true;
  sendOn();
});
process.once('SIGTERM', () => process.exit(0));

function answer(socket: Socket, packet: Packet): void {
  if (packet.cmd === 'connect')
    socket.write(generate({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false }, options));
  else if (packet.cmd === 'subscribe') {
    subscriber = socket;
    const granted = packet.subscriptions.map(() => 1 as const);
    socket.write(generate({ cmd: 'suback', messageId: packet.messageId ?? 1, granted }, options));
  } else if (packet.cmd === 'publish' && packet.qos === 1) {
    // The subscriber's own marker: acknowledged, and back to it at QoS 0, so that it is no message of ours.
    socket.write(generate({ cmd: 'puback', messageId: packet.messageId ?? 1 }, options));
    const { topic, payload } = packet;
    socket.write(generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }, options));
  } else if (packet.cmd === 'puback') acknowledged++;
  else if (packet.cmd === 'pingreq') socket.write(generate({ cmd: 'pingresp' }, options));
}

function sendOn(): void {
  const most = Math.min(acknowledged + window, packets.length);
  if (!released || subscriber === null || sent === most) return;
  subscriber.write(Buffer.concat(packets.slice(sent, most)));
  sent = most;
}
