import { amisPayload, deviceName } from './household.ts';
import type { MqttFlood } from './mqtt-flood.ts';
import type { Stage } from './stage.ts';

/** Messages of meters that measure at a steady pace, at the time they are measured. */
export class LiveMeters {
  readonly #flood: MqttFlood;
  readonly #perSecond: number;
  readonly #devices: number;
  #published = 0;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  /** Each of the devices measures every `devices / perSecond` seconds. */
  constructor(flood: MqttFlood, perSecond: number, devices: number) {
    this.#flood = flood;
    this.#perSecond = perSecond;
    this.#devices = devices;
  }

  get published(): number {
    return this.#published;
  }

  /** Publishes until `stop`, or so many readings. */
  start(stage: Stage, most = Number.POSITIVE_INFINITY): void {
    this.#running = this.#run(stage, most);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Resolves when so many readings as `start` was told are at the broker. */
  async done(): Promise<void> {
    await this.#running;
  }

  async #run(stage: Stage, most: number): Promise<void> {
    const start = performance.now();
    while (!this.#stopped && this.#published < most && !stage.signal.aborted) {
      await stage.sleep(start + (this.#published * 1000) / this.#perSecond - performance.now());
      const n = this.#published++;
      const device = deviceName(n % this.#devices);
      const payload = amisPayload({ device, atSeconds: Math.floor(Date.now() / 1000), n });
      await this.#flood.publish([{ topic: `meters/${device}/data`, payload }]);
    }
  }
}
