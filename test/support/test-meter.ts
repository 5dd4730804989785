import { amisPayload } from './amis.ts';

export interface Published {
  /** Its number, which its values tell. */
  readonly n: number;
  /** When it was measured: a whole second, and no other reading has the same. */
  readonly at: number;
}

const SECOND = 1000;

/** An AMIS reader that measures once a second while it is told to, and remembers what the broker has acknowledged. */
export class TestMeter {
  readonly published: Published[] = [];
  /** Another one after the broker was restarted. */
  publish: (topic: string, payload: string) => Promise<void>;
  #n = 0;
  #newest = 0;
  #running: Promise<void> | null = null;
  #stopping = false;

  constructor(publish: (topic: string, payload: string) => Promise<void>) {
    this.publish = publish;
  }

  /** One reading of this second. */
  async measure(): Promise<void> {
    this.#newest = Math.max(this.#newest + SECOND, wholeSecond(Date.now()));
    await this.#send(this.#newest);
  }

  /** What an hour without a network left behind: a reading every so many seconds, from and until so many minutes ago. */
  async catchUp(fromMinutes: number, untilMinutes: number, everySeconds: number): Promise<void> {
    const now = wholeSecond(Date.now());
    const [from, until] = [now - fromMinutes * 60 * SECOND, now - untilMinutes * 60 * SECOND];
    for (let at = from; at < until; at += everySeconds * SECOND) await this.#send(at);
  }

  start(): void {
    this.#stopping = false;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.measure();
      await new Promise((resolve) => setTimeout(resolve, SECOND));
    }
  }

  async #send(at: number): Promise<void> {
    const n = this.#n++;
    await this.publish('amis/data', amisPayload(n, at));
    this.published.push({ n, at });
  }
}

function wholeSecond(at: number): number {
  return Math.floor(at / SECOND) * SECOND;
}
