import type { Problem } from '../../model/problem.ts';
import type { MonoMs } from '../../model/time.ts';
import { Qos0Sightings } from '../qos0-sightings.ts';

/** Remembers what a broker granted and at which QoS messages come, to name what can lose readings or brings none. */
export class DeliveryQuality {
  #refused: readonly string[] = [];
  #grantedQos0: readonly string[] = [];
  readonly #qos0 = new Qos0Sightings();

  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Notes the codes of a SUBACK (MQTT 5, 3.9.3), one per topic. */
  granted(topics: readonly string[], codes: readonly number[]): void {
    this.#refused = topics.filter((_, i) => (codes[i] ?? 0x80) >= 0x80);
    this.#grantedQos0 = topics.filter((_, i) => codes[i] === 0);
  }

  sawQos0(topic: string, at: MonoMs): void {
    this.#qos0.saw(topic, at);
  }

  problems(now: MonoMs): Problem[] {
    const problems: Problem[] = [];
    if (this.#refused.length > 0) {
      problems.push({
        code: 'source.failed',
        message: `The broker refuses the subscription to ${this.#refused.join(', ')}.`,
        hint: "Allow the gateway's user to read these topics in the broker's access list; it asks again every minute.",
      });
    }
    if (this.#grantedQos0.length > 0) {
      problems.push({
        code: 'source.qos0',
        message: `The broker grants only QoS 0 for ${this.#grantedQos0.join(', ')}: an outage can lose readings.`,
        hint: 'Raise the highest QoS of the broker or of this user to 1.',
      });
    } else {
      const sighting = this.#qos0.problem(now);
      if (sighting !== null) problems.push(sighting);
    }
    return problems;
  }
}
