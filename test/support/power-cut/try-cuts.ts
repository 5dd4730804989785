import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../seeded-random.ts';
import { checkState } from './check-state.ts';
import { cut, CUTS, type CutKind } from './cut.ts';
import { Disk, type DirectoryModel } from './disk.ts';
import { Expectation } from './expectation.ts';
import { materialise } from './materialise.ts';
import type { Operation } from './recording.ts';

export interface CutsOptions {
  readonly operations: readonly Operation[];
  readonly model: DirectoryModel;
  /** About how many different states to try. */
  readonly states: number;
  readonly seed: number;
  /** Where the states are written, one after the other; in memory, or it takes long. */
  readonly dir: string;
}

export interface CutsResult {
  readonly states: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly resent: number;
  readonly unaccounted: number;
  /** States that were not as promised, the first few, each with how it came about. */
  readonly failures: readonly string[];
}

const NAMES_WEIGHT = 5;
const RENAME_WEIGHT = 20;
const LARGE_BYTES = 256 * 1024;
const ATTEMPTS = 4;
const FAILURES_TOLD = 5;

/** Cuts the power at points spread over the whole recording and checks what each may leave. */
export function tryCuts(options: CutsOptions): CutsResult {
  return new CutTrial(options).run();
}

class CutTrial {
  readonly #options: CutsOptions;
  readonly #random: SeededRandom;
  readonly #disk: Disk;
  readonly #expected = new Expectation();
  /** States tried already. */
  readonly #seen = new Set<string>();
  readonly #sum = { states: 0, lost: 0, resent: 0, unaccounted: 0 };
  readonly #failures: string[] = [];
  #turn = 0;
  #marks = 0;

  constructor(options: CutsOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#disk = new Disk(options.model);
  }

  run(): CutsResult {
    const { operations, states } = this.#options;
    const perWeight = states / this.#totalWeight();
    let due = 0;
    for (const [i, operation] of operations.entries()) {
      this.#disk.do(operation);
      if (operation.kind === 'mark') {
        this.#expected.apply(operation.mark);
        this.#marks++;
      }
      due += perWeight * weightOf(this.#disk);
      // What cannot be spent here, because all states of this point were tried, is spent later.
      while (due >= 1 && this.#tryNew(i)) due--;
    }
    return { ...this.#sum, acknowledged: this.#expected.acknowledged, failures: this.#failures };
  }

  /** False when no state was found that was not tried before. */
  #tryNew(index: number): boolean {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const kind = CUTS[this.#turn++ % CUTS.length] ?? 'nothing';
      const chosen = cut(this.#disk, kind, this.#random);
      const key = `${this.#disk.durableChanges} ${this.#marks} ${chosen.key}`;
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.#try(index, kind, chosen);
      return true;
    }
    return false;
  }

  #try(index: number, kind: CutKind, chosen: ReturnType<typeof cut>): void {
    const root = join(this.#options.dir, 'state');
    mkdirSync(root, { recursive: true });
    materialise(this.#disk, chosen, root);
    const { lost, resent, unaccounted, broken } = checkState(join(root, 'data'), this.#expected);
    rmSync(root, { recursive: true });
    this.#sum.states++;
    this.#sum.lost += lost;
    this.#sum.resent += resent;
    this.#sum.unaccounted += unaccounted;
    if (lost + resent + unaccounted === 0 && broken === null) return;
    const { seed, model } = this.#options;
    if (this.#failures.length < FAILURES_TOLD)
      this.#failures.push(
        `cut after operation ${index}, leaving ${kind} (${model}, seed ${seed}): ` +
          `${lost} lost, ${resent} owed again, ${unaccounted} unaccounted${broken === null ? '' : `, ${broken}`}`,
      );
  }

  #totalWeight(): number {
    const { operations, model } = this.#options;
    const disk = new Disk(model);
    return operations.reduce((sum, operation) => {
      disk.do(operation);
      return sum + weightOf(disk);
    }, 0);
  }
}

/**
 * More of the cuts fall where changes of names are pending, for there are few such places, and most where a file is being
 * moved; fewer where files are large, for these take long.
 */
function weightOf({ pendingNames, durableBytes }: Disk): number {
  if (pendingNames.some(({ kind }) => kind === 'rename')) return RENAME_WEIGHT;
  return (pendingNames.length > 0 ? NAMES_WEIGHT : 1) / (1 + durableBytes / LARGE_BYTES);
}
