/**
 * `npm run bench`: what the gateway can do on this machine, measured end to end: the built gateway, Debian's Mosquitto, the
 * stand-in for Dynatrace, each a process of its own on loopback. Scenarios run one after the other and end what they started,
 * on Ctrl-C too. Progress goes to stderr, results to stdout.
 *
 * A scenario fails when a reading is lost or a ledger does not balance. A missed goal is no failure: it depends on the machine.
 */
import { writeFileSync } from 'node:fs';
import { VERSION } from '../../src/platform/release.ts';
import { describeMachine } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { SERVICE_ENVIRONMENT, prepareProgram, type Program } from './program.ts';
import { resultsText } from './results-text.ts';
import { type Results, scenarioResult, type ScenarioResult } from './results.ts';
import type { Measurement, Scenario } from './scenario.ts';
import { cardScenario } from './scenarios/card.ts';
import { drainScenario } from './scenarios/drain.ts';
import { intakeScenario } from './scenarios/intake.ts';
import { historyScenario } from './scenarios/history.ts';
import { memoryScenario } from './scenarios/memory.ts';
import { networkScenario } from './scenarios/network.ts';
import { peersScenario } from './scenarios/peers.ts';
import { recoveryScenario } from './scenarios/recovery.ts';
import { FULL, QUICK, upTo, type Sizes } from './sizes.ts';
import { Stage } from './stage.ts';

const INTERRUPTED = 130;

const SCENARIOS: Readonly<Record<string, (program: Program, sizes: Sizes) => Scenario>> = {
  intake: intakeScenario,
  drain: drainScenario,
  recovery: recoveryScenario,
  memory: memoryScenario,
  card: cardScenario,
  network: networkScenario,
  history: historyScenario,
  peers: peersScenario,
};

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
}
process.exitCode = await bench(process.argv.slice(2));

async function bench(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) return 1;
  if (options.help) {
    process.stdout.write(`${usage(Object.keys(SCENARIOS))}\n`);
    return 0;
  }
  const program = build(options.fromSource);
  if (program === null) return 1;
  const machine = describeMachine(program.kind, SERVICE_ENVIRONMENT['NODE_OPTIONS'] ?? '');
  const startedAt = new Date().toISOString();
  const scenarios: ScenarioResult[] = [];
  const sizes = upTo(options.quick ? QUICK : FULL, options.upTo ?? Number.POSITIVE_INFINITY);
  for (const [name, make] of Object.entries(SCENARIOS)) {
    if (options.only.length > 0 && !options.only.includes(name)) continue;
    scenarios.push(await runScenario(make(program, sizes), options.runs));
    if (interrupt.signal.aborted) return INTERRUPTED;
  }
  write({ format: 1, version: VERSION, startedAt, machine, scenarios }, options);
  return scenarios.some(({ error }) => error !== null) ? 1 : 0;
}

async function runScenario(scenario: Scenario, runs: number): Promise<ScenarioResult> {
  const measurements: Measurement[] = [];
  for (let run = 1; run <= runs; run++) {
    const signal = AbortSignal.any([interrupt.signal, AbortSignal.timeout(scenario.limitMs)]);
    const stage = new Stage(runs === 1 ? scenario.name : `${scenario.name} ${run}/${runs}`, signal);
    try {
      measurements.push(await runOnce(scenario, stage));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      stage.say(`failed: ${reason}`);
      return scenarioResult(scenario.name, measurements, reason);
    }
  }
  return scenarioResult(scenario.name, measurements, null);
}

/** Whatever comes of it, nothing is left running. */
async function runOnce(scenario: Scenario, stage: Stage): Promise<Measurement> {
  try {
    return await within(scenario.run(stage), stage.signal);
  } finally {
    await stage.end();
  }
}

/** A run that hangs is left behind; ending its processes makes it fail unheard. */
function within<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    running.then(resolve, reject);
  });
}

function readOptions(args: readonly string[]): Options | null {
  try {
    return parseOptions(args, Object.keys(SCENARIOS));
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n\n${usage(Object.keys(SCENARIOS))}\n`);
    return null;
  }
}

function build(fromSource: boolean): Program | null {
  try {
    return prepareProgram(fromSource);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    return null;
  }
}

function write(results: Results, { json }: Options): void {
  if (json !== null) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(resultsText(results));
}
