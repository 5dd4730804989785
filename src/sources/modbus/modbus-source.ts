/**
 * Devices on one Modbus line: polls them one after the other and gives the inlet what each poll brought, as a payload whose
 * topic is the device's name. The line has one owner, this source; nothing is ever written to a device.
 *
 * Invariants: registers that are not verified are in no payload; every answer that cannot be used, one that is late
 * included, is counted as refused; a poll that takes longer than the interval delays the next one and is never doubled.
 *
 * States: connecting while the line is down or no device has answered yet; connected.
 */
import type { DurationMs } from '../../model/time.ts';
import type { Problem } from '../../model/problem.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { InFlight } from '../in-flight.ts';
import type { DeviceSilence, Inlet, Payload, Source, SourceStatus } from '../source.ts';
import { Bus, type BusCounts } from './bus.ts';
import type { Framing } from './framing/framing.ts';
import type { Link } from './link/link.ts';
import { PolledDevice, type Poll, type PolledDeviceOptions } from './polled-device.ts';

export interface ModbusSourceOptions {
  readonly name: string;
  readonly link: Link;
  readonly framing: Framing;
  readonly intervalMs: DurationMs;
  readonly gapMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly devices: readonly PolledDeviceOptions[];
  readonly clock: Clock;
  readonly log: Log;
}

export class ModbusSource implements Source {
  readonly name: string;
  readonly type = 'modbus';
  /** Nobody waits for an acknowledgement. */
  readonly window = null;
  readonly #options: ModbusSourceOptions;
  readonly #bus: Bus;
  readonly #devices: readonly PolledDevice[];
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  #openings = 0;
  #strays = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ModbusSourceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#bus = new Bus({ ...options, log: options.log.child({ source: options.name }) });
    this.#devices = options.devices.map((device) => new PolledDevice(device));
  }

  get counts(): BusCounts {
    return this.#bus.counts;
  }

  start(inlet: Inlet): Promise<void> {
    this.#running = this.#run(inlet);
    return Promise.resolve();
  }

  async stop(deadlineMs: DurationMs): Promise<void> {
    const { clock } = this.#options;
    this.#stopping.abort();
    await this.#bus.close();
    await this.#running;
    const waiting = new AbortController();
    await Promise.race([this.#inFlight.whenIdle(), clock.sleep(deadlineMs, waiting.signal)]);
    waiting.abort();
  }

  status(): SourceStatus {
    const down = this.#bus.down;
    if (down !== null) {
      const reason = `${this.#options.link.title}: ${down}`;
      const silences = this.#devices.map((device) => silence(device, reason));
      return { state: 'connecting', detail: `${reason}.`, problems: [], silences };
    }
    const problems = this.#devices.filter(({ state }) => state === 'silent').map((device) => this.#silent(device));
    const silences = this.#devices.flatMap((device) => {
      if (device.state === 'asleep') return silence(device, 'asleep');
      return device.state === 'silent' ? silence(device, reasonOf(device)) : [];
    });
    const states = new Set(this.#devices.map(({ state }) => state));
    if (states.has('answering')) return { state: 'connected', detail: null, problems, silences };
    if (states.has('new')) return { state: 'connecting', detail: 'No device has answered yet.', problems, silences };
    const names = this.#devices.filter(({ state }) => state === 'asleep').map(({ options }) => options.name);
    const detail = states.has('silent') ? 'No device answers.' : `Asleep: ${names.join(', ')}.`;
    return { state: 'connected', detail, problems, asleep: !states.has('silent'), silences };
  }

  async #run(inlet: Inlet): Promise<void> {
    const { clock, intervalMs } = this.#options;
    const { signal } = this.#stopping;
    for (let due = clock.monoMs(); !signal.aborted;) {
      for (const device of this.#devices) {
        if (signal.aborted) return;
        const poll = await device.poll(this.#bus, clock.monoMs());
        this.#reopened();
        this.#refuseStrays(inlet, device.options.name);
        if (poll !== null) this.#bring(inlet, device.options.name, poll);
      }
      const now = clock.monoMs();
      due = Math.max(due + intervalMs, now);
      await clock.sleep(due - now, signal);
    }
  }

  #reopened(): void {
    const { openings } = this.#bus.counts;
    if (openings > this.#openings && this.#openings > 0) for (const device of this.#devices) device.reset();
    this.#openings = openings;
  }

  /** Nobody can say whose they were; they are told with the device that was polled when they came. */
  #refuseStrays(inlet: Inlet, device: string): void {
    const { strays } = this.#bus.counts;
    for (; this.#strays < strays; this.#strays++)
      this.#refuse(inlet, device, 'a late answer, or bytes of another master');
  }

  #bring(inlet: Inlet, device: string, { blocks, models, refusals }: Poll): void {
    for (const reason of refusals) this.#refuse(inlet, device, reason);
    if (Object.keys(blocks).length + Object.keys(models).length === 0) return;
    const mono = this.#options.clock.monoMs();
    const text = JSON.stringify({ mono, blocks, models });
    if (this.#inFlight.full) inlet.drop(device, 'the queue has taken nothing for too long');
    else this.#give(text.length, () => inlet.accept(this.#payload(device, text)));
  }

  #refuse(inlet: Inlet, device: string, reason: string): void {
    if (this.#inFlight.full) inlet.drop(device, reason);
    else this.#give(0, () => inlet.refuse(this.#payload(device, ''), reason));
  }

  #payload(topic: string, text: string): Payload {
    const receivedMono = this.#options.clock.monoMs();
    return { topic, bytes: new TextEncoder().encode(text), retained: false, waited: false, qos: 0, receivedMono };
  }

  /** A rejection says that the queue is closed. */
  #give(bytes: number, give: () => Promise<void>): void {
    this.#inFlight.take(bytes);
    give()
      .catch(() => undefined)
      .finally(() => this.#inFlight.release(bytes));
  }

  #silent(device: PolledDevice): Problem {
    return {
      code: 'source.silent',
      message: `Source ${this.name}: ${reasonOf(device)}.`,
      hint: `Check its power, the wires A and B (swapping them is the first thing to try), its unit id and the speed: \`gateway modbus scan\`.`,
    };
  }
}

function silence({ options, answeredMono }: PolledDevice, reason: string): DeviceSilence {
  return { device: options.name, sinceMono: answeredMono, reason };
}

function reasonOf({ options, trouble }: PolledDevice): string {
  return trouble ?? `${options.name} (unit ${options.unit}) does not answer`;
}
