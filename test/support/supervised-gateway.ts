import { onTestFinished } from 'vitest';
import { GatewayProcess, type GatewayOptions } from './gateway-process.ts';

/** As `RestartSec` of the systemd unit, which nobody wants to wait for here. */
const RESTART_AFTER_MS = 200;

/** A gateway that is started again whenever it ends, as systemd and Docker do. Stops with the test. */
export class SupervisedGateway {
  readonly process: GatewayProcess;
  /** Exit codes of the lives that ended by themselves. */
  readonly ends: (number | null)[] = [];
  /** What all lives printed. */
  log = '';
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: GatewayOptions) {
    this.process = new GatewayProcess(options);
    onTestFinished(() => this.stop());
  }

  start(): void {
    this.#running = this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.process.stop();
    await this.#running;
  }

  /** Stops it in order, does something while it is down, and lets it start again; how it ended. */
  async restart(meanwhile: () => void | Promise<void>): Promise<number | null> {
    this.#stopping = true;
    const code = await this.process.stop();
    await this.#running;
    await meanwhile();
    this.#stopping = false;
    this.start();
    return code;
  }

  async #supervise(): Promise<void> {
    while (!this.#stopping) {
      // One that ends before it collects has ended, too.
      await this.process.start().catch(() => undefined);
      const code = await this.process.ended();
      this.log += this.process.output;
      if (this.#stopping) return;
      this.ends.push(code);
      await new Promise((resolve) => setTimeout(resolve, RESTART_AFTER_MS));
    }
  }
}
