/**
 * A gateway that is killed again and again while it feeds a stand-in. After every kill the books on disk are held against the
 * rows and against what the stand-in has; after every start they must balance, too.
 */
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { QueueReport } from '../../src/queue/queue.ts';
import { unaccounted } from './accounts.ts';
import { Deliveries, type DeliveriesOptions } from './deliveries.ts';
import { startDynatrace, TOKEN, type StandIn } from './dynatrace.ts';
import type { FaultRow } from './fault-report.ts';
import { GatewayProcess } from './gateway-process.ts';
import { expectBalanced } from './queue-recount.ts';
import { tempDir } from './temp-dir.ts';

/** One lane holds one claim: four requests of 1,000 lines (with the series of these tests), or one of 1,000 events. */
const LARGEST_BATCH = { live: 4_000, backlog: 4_000, late: 1_000 } as const;

const ANSWERED_WITHIN_MS = 60_000;

export interface KillSceneOptions extends DeliveriesOptions {
  /** The text of gateway.yaml but for the sinks. */
  readonly yaml: string;
}

export class KillScene {
  readonly gateway: GatewayProcess;
  readonly dataDir: string;
  readonly dynatrace: StandIn;
  /** Since the beginning, or since `countAnew`. */
  deliveries: Deliveries;
  /** Those of the ledger: a replay's are in no ledger. */
  readonly #first: Deliveries;
  readonly #options: KillSceneOptions;
  #onNoted: () => void = () => undefined;
  #kills = 0;
  #unaccounted = 0;
  /** The most that was counted as delivered and was not at the stand-in. */
  #missing = 0;

  private constructor(options: KillSceneOptions, dynatrace: StandIn, dir: string, deliveries: Deliveries) {
    this.#options = options;
    this.dynatrace = dynatrace;
    this.dataDir = join(dir, 'data');
    this.deliveries = deliveries;
    this.#first = deliveries;
    const sink = `{ type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: ${options.resolution}, flush: 1s }`;
    this.gateway = new GatewayProcess({ dir, yaml: `${options.yaml}\nsinks:\n  - ${sink}\n` });
  }

  static async open(options: KillSceneOptions): Promise<KillScene> {
    const dir = tempDir();
    const dynatrace = await startDynatrace({
      store: false,
      keepRequests: 1,
      onRequest: (record) => {
        scene.deliveries.note(record);
        scene.#onNoted();
      },
    });
    onTestFinished(() => dynatrace.stop());
    const scene = new KillScene(options, dynatrace, dir, new Deliveries(options));
    return scene;
  }

  /** So far. */
  get kills(): number {
    return this.#kills;
  }

  async start(): Promise<void> {
    await this.gateway.start();
    this.#unaccounted += unaccounted(this.report());
  }

  async kill(): Promise<void> {
    await this.gateway.kill();
    // Whatever of this life is still in a socket must not be taken for a delivery of the next.
    await this.dynatrace.offline();
    await this.dynatrace.online();
    this.#kills += 1;
    this.deliveries.killed();
    this.#checkBooks();
  }

  /** Kills at a random instant within so many milliseconds from now; 0: in this very moment. */
  async killWithin(ms: number): Promise<void> {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * ms));
    await this.kill();
  }

  /** Starts, and kills within so many milliseconds, wherever it is by then. */
  async startAndKillWithin(ms: number): Promise<void> {
    const starting = this.gateway.start().catch(() => undefined);
    await this.killWithin(ms);
    await starting;
  }

  /** What the database says, of a gateway that runs or not. */
  report(): QueueReport {
    const report = this.#report();
    if (report === null) throw new Error('there is no database');
    return report;
  }

  /** Once so many more requests with readings were answered: in the moment in which the answer is written. */
  async answered(requests: number): Promise<void> {
    const until = this.deliveries.requests + requests;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no ${requests} requests\n${this.gateway.output}`)),
      ANSWERED_WITHIN_MS,
    );
    this.#onNoted = () => {
      if (this.deliveries.requests >= until) resolve();
    };
    await promise.finally(() => clearTimeout(timer));
  }

  /** What arrives from now on is compared with itself alone. */
  countAnew(): void {
    this.deliveries = new Deliveries(this.#options);
  }

  /** The row of the table, after an orderly stop. */
  row(fault: string, { acknowledged, lost }: Pick<FaultRow, 'acknowledged' | 'lost'>): FaultRow {
    return {
      fault,
      rounds: this.#kills,
      acknowledged,
      lost: lost + this.#missing,
      duplicates: this.deliveries.duplicates,
      unaccounted: this.#unaccounted + unaccounted(this.report()),
    };
  }

  #checkBooks(): void {
    const report = this.#report();
    if (report === null) return;
    this.#unaccounted += unaccounted(report);
    const counted = report.sinks.reduce((sum, { ledger }) => sum + ledger.delivered + ledger.late, 0);
    this.#missing = Math.max(this.#missing, counted - this.#first.values);
    expectBalanced(this.dataDir, report);
  }

  #report(): QueueReport | null {
    const inspector = openInspector(this.dataDir);
    try {
      return inspector.report(Date.now());
    } finally {
      inspector.close();
    }
  }
}

/** Waits until nothing is owed any more. */
export async function expectDrained(scene: KillScene): Promise<void> {
  await expect.poll(() => scene.report().pendingValues, { timeout: 60_000, interval: 100 }).toBe(0);
}

/** A claim that was not settled is sent again; more than that would mean that settles do not last. */
export function expectAtMostOneBatchAgain(deliveries: Deliveries): void {
  for (const lane of ['live', 'backlog', 'late'] as const)
    expect(deliveries.largestRepeat(lane), lane).toBeLessThanOrEqual(LARGEST_BATCH[lane]);
}
