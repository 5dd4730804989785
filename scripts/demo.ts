/**
 * `./scripts/start --demo`: a simulated meter, the gateway and the stand-in for Dynatrace, each a process of its own, so that
 * a newcomer sees readings arrive end to end. Everything it writes is in data/demo; Ctrl-C ends all of it.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'dist/cli.js');
const DATA = join(process.cwd(), 'data/demo');
const FIRST_LOOK_MS = 250;
const SHOW_EVERY_MS = 5_000;

const children: ChildProcess[] = [];
let stopping = false;

const mqttPort = await freePort(1883);
const dynatracePort = await freePort(18080);
const dynatraceUrl = `http://127.0.0.1:${dynatracePort}`;
mkdirSync(DATA, { recursive: true, mode: 0o700 });
const config = join(DATA, 'gateway.yaml');
// One that is there would keep its mode; this one holds a token, if a made-up one.
rmSync(config, { force: true });
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
  { mode: 0o600 },
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
// Whoever read the lines is gone; without this the meter and the gateway would go on alone.
process.stdout.on('error', () => stop(0));
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

/** Tells what the gateway's own status says, so that the numbers are those a user sees there. */
async function watchArrivals(): Promise<void> {
  let shown = '';
  let arrived = false;
  for (;;) {
    const sink = await sinkStatus();
    if (stopping) return;
    const line = sink === null ? '' : arrivals(sink);
    if (line !== shown && line !== '') say(line);
    shown = line;
    if (!arrived && (sink?.ledger.delivered ?? 0) > 0) {
      arrived = true;
      say(`Look into the queue from another terminal:`);
      say(`  ./scripts/gateway status --watch --config ${config}`);
      say(`Let the stand-in fail and see what is kept:`);
      say(`  curl -X POST -d '{"kind":"status","status":503}' ${dynatraceUrl}/_standin/fault`);
      say(`and let it recover:`);
      say(`  curl -X DELETE ${dynatraceUrl}/_standin/fault`);
      say(`Ctrl-C ends the demo.`);
    }
    await new Promise((resolve) => setTimeout(resolve, arrived ? SHOW_EVERY_MS : FIRST_LOOK_MS));
  }
}

interface SinkStatus {
  readonly state: string;
  readonly ledger: { readonly delivered: number; readonly pending: number };
}

function arrivals({ state, ledger }: SinkStatus): string {
  if (state === 'retrying' || state === 'blocked')
    return `Outage: ${ledger.pending} values wait in the queue, ${ledger.delivered} have arrived.`;
  return ledger.delivered === 0 ? '' : `${ledger.delivered} values have arrived at the stand-in.`;
}

/** Null while there is no database yet. */
function sinkStatus(): Promise<SinkStatus | null> {
  return new Promise((resolve) => {
    const options = { cwd: DATA, env: demoEnvironment() };
    execFile(process.execPath, [CLI, 'status', '--json', '--config', config], options, (_, stdout) => {
      resolve(
        stdout.startsWith('{')
          ? ((JSON.parse(stdout) as { readonly sinks: readonly SinkStatus[] }).sinks[0] ?? null)
          : null,
      );
    });
  });
}

function stop(code: number): void {
  if (stopping) return;
  stopping = true;
  say('Stopping …');
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
