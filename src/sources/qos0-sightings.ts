import type { Problem } from '../model/problem.ts';
import { HOUR } from '../model/time.ts';
import type { MonoMs } from '../model/time.ts';

/** Remembers for an hour that a device publishes with QoS 0, which nobody sends again when it was not stored. */
export class Qos0Sightings {
  #last: { readonly topic: string; readonly at: MonoMs } | null = null;

  saw(topic: string, at: MonoMs): void {
    this.#last = { topic, at };
  }

  /** The setting to change; null where nothing came with QoS 0 lately. */
  problem(now: MonoMs): Problem | null {
    if (this.#last === null || now - this.#last.at >= HOUR) return null;
    return {
      code: 'source.qos0',
      message: `Messages on ${this.#last.topic} come with QoS 0: an outage can lose readings.`,
      hint: 'Set the QoS to 1 in the MQTT settings of the device that publishes there.',
    };
  }
}
