/**
 * `./scripts/start --demo`: a simulated meter, the gateway and the stand-in for Dynatrace, each a process of its own, so that
 * a newcomer sees readings arrive end to end. Everything it writes is in data/demo; Ctrl-C ends all of it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'dist/cli.js');
const DATA = join(process.cwd(), 'data/demo');
const POLL_MS = 1_000;

const children: ChildProcess[] = [];
let stopping = false;

const mqttPort = await freePort(1883);
const dynatracePort = await freePort(18080);
const dynatraceUrl = `http://127.0.0.1:${dynatracePort}`;
mkdirSync(DATA, { recursive: true, mode: 0o700 });
const config = join(DATA, 'gateway.yaml');
writeFileSync(
  config,
  `# Written by ./scripts/start --demo
dataDir: ${JSON.stringify(DATA)}
log: { level: warn }
sources:
  - type: mqtt
    name: meter
    url: embedded://127.0.0.1:${mqttPort}
    topics: [amis/data]
    profile: amis
    device: grid-meter
sinks:
  - type: dynatrace
    name: dynatrace
    url: ${dynatraceUrl}
    token: demo
    resolution: raw
    flush: 1s
`,
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
say(`The stand-in for Dynatrace listens on ${dynatraceUrl}, the gateway's MQTT broker on 127.0.0.1:${mqttPort}.`);
start('dynatrace', ['simulate', 'dynatrace', '--port', String(dynatracePort), '--token', 'demo', '--json'], 'ignore');
start('gateway', ['run', '--config', config], 'inherit');
start(
  'meter',
  [
    'simulate',
    'meter',
    '--broker',
    `mqtt://127.0.0.1:${mqttPort}`,
    '--topic',
    'amis/data',
    '--interval',
    '1s',
    '--json',
  ],
  'ignore',
);
await watchArrivals();

function start(name: string, args: readonly string[], stdout: 'ignore' | 'inherit'): void {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', stdout, 'inherit'],
    cwd: DATA,
    env: demoEnvironment(),
  });
  children.push(child);
  child.on('exit', (code) => {
    if (stopping) return;
    say(`The ${name} ended unexpectedly (exit code ${code ?? 'none'}).`);
    stop(1);
  });
}

/** The demo must not send its invented readings to a real tenant that this shell happens to be configured for. */
function demoEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(GATEWAY_|MQTT_|TENANT_HOST|API_TOKEN|DYNATRACE_URL)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function watchArrivals(): Promise<void> {
  let shown = 0;
  for (;;) {
    const lines = await arrivedLines();
    if (lines > shown) {
      say(`${lines} values have arrived at the stand-in.`);
      if (shown === 0) {
        say(`Look into the queue from another terminal:`);
        say(`  ./scripts/gateway status --watch --config ${config}`);
        say(
          `Stop the network and see what is kept: curl -X POST -d '{"kind":"status","status":503}' ${dynatraceUrl}/_standin/fault`,
        );
        say(`and let it return:                     curl -X DELETE ${dynatraceUrl}/_standin/fault`);
      }
      shown = lines;
    }
    await new Promise((resolve) => setTimeout(resolve, shown === 0 ? POLL_MS / 4 : POLL_MS * 5));
  }
}

async function arrivedLines(): Promise<number> {
  try {
    const answer = await fetch(`${dynatraceUrl}/_standin/counts`);
    const counts = (await answer.json()) as { linesOk?: number };
    return counts.linesOk ?? 0;
  } catch {
    return 0;
  }
}

function stop(code: number): void {
  if (stopping) return;
  stopping = true;
  process.exitCode = code;
  let left = children.filter((child) => child.exitCode === null && child.signalCode === null).length;
  if (left === 0) process.exit();
  for (const child of children) {
    child.once('exit', () => {
      left -= 1;
      if (left === 0) process.exit();
    });
    child.kill('SIGTERM');
  }
}

/** The preferred port, or any free one where something listens on it already. */
async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

function say(line: string): void {
  process.stdout.write(`demo: ${line}\n`);
}
