import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyOfCard, makeCard } from './card.ts';
import { look, type Found } from './look.ts';
import { Machine } from './machine.ts';

const CONFIGURATION = `
dataDir: /mnt/card/gateway
queue: { minFreeDisk: 16MiB }
sources:
  - { type: mqtt, name: meter, url: "embedded://127.0.0.1:1883", topics: [amis/data], profile: amis }
sinks:
  - { type: dynatrace, name: dynatrace, url: "http://127.0.0.1:18080", token: powercut }
`;
const COLLECTS_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 50;
/** From the first acknowledgement to the cut. */
const CUT_WITHIN_MS = 5_000;
/** More than one machine publishes before it is cut. */
const NUMBERS_PER_ROUND = 1_000_000;

/** A card, and the folder in which a machine writes down what was acknowledged. */
export class Stage {
  readonly #dir: string;
  readonly #image: string;
  readonly #hostFolder: string;
  readonly #synchronous: string | undefined;

  constructor(dir: string, synchronous: string | undefined) {
    this.#dir = dir;
    this.#image = join(dir, 'card.img');
    this.#hostFolder = join(dir, 'host');
    this.#synchronous = synchronous;
    makeCard(this.#image);
    mkdirSync(this.#hostFolder);
    writeFileSync(join(this.#hostFolder, 'gateway.yaml'), CONFIGURATION);
  }

  /** Starts a machine and cuts its power at a random instant; all numbers acknowledged on this card so far. */
  async cutPower(round: number): Promise<number[]> {
    const before = this.#acknowledged().length;
    const machine = new Machine({
      checkout: join(import.meta.dirname, '../..'),
      image: this.#image,
      hostFolder: this.#hostFolder,
      first: round * NUMBERS_PER_ROUND,
      synchronous: this.#synchronous,
    });
    const deadline = performance.now() + COLLECTS_WITHIN_MS;
    while (machine.isRunning && performance.now() < deadline && this.#acknowledged().length === before) {
      await sleep(LOOK_EVERY_MS);
    }
    await sleep(Math.random() * CUT_WITHIN_MS);
    const ranUntilNow = machine.isRunning;
    await machine.cutPower();
    const numbers = this.#acknowledged();
    if (!ranUntilNow || numbers.length === before) {
      throw new Error(`the machine ended by itself, or acknowledged nothing:\n${this.#logs()}`);
    }
    return numbers;
  }

  /** What is on the card, read from a copy: the next machine finds it as the cut left it. */
  async look(): Promise<Found> {
    const copy = join(this.#dir, 'copy');
    copyOfCard(this.#image, join(this.#dir, 'mounted'), copy);
    try {
      return await look(join(copy, 'gateway'));
    } finally {
      rmSync(copy, { recursive: true });
    }
  }

  /** A number that was being written at the cut has no end of line yet. */
  #acknowledged(): number[] {
    const path = join(this.#hostFolder, 'acknowledged');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1).map(Number) : [];
  }

  #logs(): string {
    const paths = ['console.log', 'gateway.log', 'meter.log'].map((name) => join(this.#hostFolder, name));
    return paths.flatMap((path) => (existsSync(path) ? [readFileSync(path, 'utf8').slice(-2_000)] : [])).join('\n');
  }
}
