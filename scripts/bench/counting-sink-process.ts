/**
 * A process of its own: takes whatever the gateway sends, looks at no line and counts them, so that it costs as little as a sink can
 * on the machine it shares. `node counting-sink-process.ts HOST`. Tells every request on stdout.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { SinkRequest } from './counting-sink.ts';

const LINE_FEED = 10;
/** An own event in the array of a late request. */
const EVENT = '"event.id":';

const server = createServer((request, response) => {
  void bodyOf(request).then((wire) => {
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    const late = request.url?.includes('bizevents') === true;
    const items = late ? body.toString().split(EVENT).length - 1 : linesIn(body);
    const newestMs = late ? 0 : newestIn(body);
    const told: SinkRequest = {
      atMs: Date.now(),
      route: late ? 'late' : 'metrics',
      items,
      wireBytes: wire.length,
      newestMs,
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    response.writeHead(202, { 'content-type': 'application/json' });
    response.end(late ? '' : JSON.stringify({ linesOk: items, linesInvalid: 0, error: null }));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, process.argv[2] ?? '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ listening: `http://${address}:${port}` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function linesIn(body: Buffer): number {
  let lines = body.length === 0 ? 0 : 1;
  for (let at = body.indexOf(LINE_FEED); at !== -1; at = body.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/** The newest time of the first and the last line that have one; a batch is in the order of time, one way or the other. */
function newestIn(body: Buffer): number {
  const text = body.toString('latin1');
  const times = /^[^\n]* (\d{13})(?:\n|$)/.exec(text)?.[1] ?? '0';
  const last = text.lastIndexOf(' ', text.length);
  return Math.max(Number(times), Number(/ (\d{13})$/.exec(text.slice(last))?.[1] ?? 0));
}
