/**
 * Runs in the machine whose power is cut: meters that publish numbered readings with QoS 1 and write down which were
 * acknowledged, on the host and synced. It also is the Dynatrace that answers 503, so that the clock is confirmed and
 * everything stays pending.
 */
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'mqtt';

const METERS = 20;

const [acknowledged = '', first = ''] = process.argv.slice(2);
const fd = openSync(acknowledged, 'as');
createServer((request, response) => {
  request.resume();
  response.writeHead(503).end();
}).listen(18080, '127.0.0.1');

let next = Number(first);
await Promise.all(Array.from({ length: METERS }, publish));

async function publish(): Promise<never> {
  // What is published before the gateway's broker listens waits in the client.
  const client = connect('mqtt://127.0.0.1:1883', { reconnectPeriod: 500 });
  client.on('error', () => undefined);
  for (;;) {
    const number = next++;
    const time = Math.floor(Date.now() / 1000);
    await client.publishAsync('amis/data', `{"1.8.0":${number},"time":${time},"serialnumber":"1"}`, { qos: 1 });
    writeSync(fd, `${number}\n`);
  }
}
