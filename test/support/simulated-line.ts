/** A Modbus line in stepped time, with devices that answer one request after the other and go wrong as they are told. */
import type { Clock } from '../../src/platform/clock.ts';
import { crc16 } from '../../src/sources/modbus/crc16.ts';
import type { Link, LinkEvents } from '../../src/sources/modbus/link/link.ts';
import type { ReadRequest } from '../../src/sources/modbus/read-request.ts';
import { rtuRequest } from './rtu-request.ts';

/** What a device does with a request: the answer's data, how late it is, and how it is spoilt. */
export interface Behaviour {
  readonly afterMs: number;
  readonly spoil?: 'checksum' | 'silence' | 'half' | 'unit' | 'twice';
  /** Instead of data. */
  readonly exception?: number;
  /** The function byte of the exception; `fc | 0x80` where it is left out. */
  readonly exceptionByte?: number;
}

export interface SimulatedDevice {
  word(address: number): number;
  behave(request: ReadRequest): Behaviour;
}

export class SimulatedLine implements Link {
  readonly title = 'a simulated line';
  readonly requests: ReadRequest[] = [];
  readonly #clock: Clock;
  readonly #devices: ReadonlyMap<number, SimulatedDevice>;
  #events: LinkEvents | null = null;
  /** By unit: when its last answer is out. A device answers in order. */
  readonly #busyUntil = new Map<number, number>();
  refuseToOpen = false;
  /** Opening ends only when it is closed. */
  hangsOpening = false;
  #endOpening: (() => void) | null = null;
  /** Closing ends only then. */
  cleared: Promise<void> = Promise.resolve();
  openings = 0;

  constructor(clock: Clock, devices: ReadonlyMap<number, SimulatedDevice>) {
    this.#clock = clock;
    this.#devices = devices;
  }

  open(events: LinkEvents): Promise<void> {
    this.openings++;
    if (this.refuseToOpen) return Promise.reject(new Error('no such device'));
    if (this.hangsOpening)
      return new Promise((_, reject) => {
        this.#endOpening = () => reject(new Error('closed'));
      });
    this.#events = events;
    return Promise.resolve();
  }

  /** As when an adapter is unplugged. Returns those who were told. */
  break(): LinkEvents {
    const events = this.#events;
    if (events === null) throw new Error('the line is not open');
    this.#events = null;
    events.onBroken('unplugged');
    return events;
  }

  /** Bytes that nobody asked for. */
  say(bytes: Uint8Array): void {
    this.#events?.onBytes(bytes);
  }

  close(): Promise<void> {
    this.#endOpening?.();
    this.#events = null;
    return this.cleared;
  }

  write(bytes: Uint8Array): void {
    const request = rtuRequest(bytes);
    this.requests.push(request);
    const device = this.#devices.get(request.unit);
    if (device !== undefined) void this.#answer(device, request);
  }

  async #answer(device: SimulatedDevice, request: ReadRequest): Promise<void> {
    const behaviour = device.behave(request);
    if (behaviour.spoil === 'silence') return;
    // What the registers hold when the request comes.
    const frame = frameOf(device, request, behaviour);
    const now = this.#clock.monoMs();
    const at = Math.max(now, this.#busyUntil.get(request.unit) ?? now) + behaviour.afterMs;
    this.#busyUntil.set(request.unit, at);
    await this.#clock.sleep(at - now);
    const sent = behaviour.spoil === 'half' ? frame.subarray(0, Math.ceil(frame.length / 2)) : frame;
    this.#events?.onBytes(sent);
    if (behaviour.spoil === 'twice') this.#events?.onBytes(sent);
  }
}

function frameOf(device: SimulatedDevice, request: ReadRequest, behaviour: Behaviour): Uint8Array {
  const { unit, fc, start, count } = request;
  const sentUnit = behaviour.spoil === 'unit' ? unit + 1 : unit;
  const body =
    behaviour.exception === undefined
      ? [
          sentUnit,
          fc,
          2 * count,
          ...Array.from({ length: count }, (_, i) => device.word(start + i)).flatMap((w) => [w >> 8, w & 0xff]),
        ]
      : [sentUnit, behaviour.exceptionByte ?? fc | 0x80, behaviour.exception];
  const crc = crc16(Uint8Array.from(body)) ^ (behaviour.spoil === 'checksum' ? 0x0101 : 0);
  return Uint8Array.from([...body, crc & 0xff, crc >> 8]);
}

/** A device that has these words and says exception 2 to whoever asks for others; silent while `alive` says no. */
export function deviceWith(words: ReadonlyMap<number, number>, alive: () => boolean = () => true): SimulatedDevice {
  return {
    word: (address) => words.get(address) ?? 0,
    behave: ({ start, count }) => {
      if (!alive()) return { afterMs: 0, spoil: 'silence' };
      const has = Array.from({ length: count }, (_, i) => words.has(start + i)).every(Boolean);
      return has ? { afterMs: 20 } : { afterMs: 20, exception: 2 };
    },
  };
}

/** Words from an address on, in hex. */
export function wordsFrom(address: number, hex: string): Map<number, number> {
  const words = hex.replaceAll(/\s/g, '').match(/.{4}/g) ?? [];
  return new Map(words.map((word, i) => [address + i, Number.parseInt(word, 16)]));
}
