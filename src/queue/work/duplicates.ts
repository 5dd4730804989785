import type { EpochMs, Minute } from '../../model/time.ts';
import { storedMinuteOf } from '../tables/reading-key.ts';
import type { Readings, StoredReading } from '../tables/readings.ts';
import type { Tables } from '../tables/tables.ts';
import { repacked } from '../values-codec.ts';
import { HashIndex } from './hash-index.ts';

/** What makes two readings the same, with the minute it is or would be stored in. */
export interface Likeness {
  readonly minute: Minute;
  readonly origin: number;
  readonly shape: number;
  readonly deviceTime: EpochMs;
  readonly data: Buffer;
}

interface Looked extends Pick<Tables, 'origins' | 'displaced' | 'shapes'> {
  readonly readings: Pick<Readings, 'get' | 'page'>;
}

/** Hashes kept in memory, all minutes together, unless a single minute has more. */
const MAX_HASHES = 250_000;
const MAX_MINUTES = 256;
const PAGE = 1_000;

/**
 * Finds the stored reading of the same device, serial, device time and values. No index of the database serves this:
 * hashes of the minutes touched lately are in memory, each minute read once, and a hit is compared with the stored row.
 */
export class Duplicates {
  readonly #tables: Looked;
  /** In the order of use. */
  readonly #minutes = new Map<Minute, HashIndex>();
  /** The last of them: most readings are of the minute of the one before. */
  #last: { readonly minute: Minute; readonly index: HashIndex } | null = null;
  readonly #displaced = new Map<Minute, Minute[]>();
  readonly #identities = new Map<number, string>();

  constructor(tables: Looked) {
    this.#tables = tables;
  }

  isStored(reading: Likeness): boolean {
    const hash = this.#hash(reading);
    const deviceMinute = storedMinuteOf(reading.deviceTime);
    if (this.#holds(reading.minute, reading, hash)) return true;
    if (deviceMinute !== reading.minute && this.#holds(deviceMinute, reading, hash)) return true;
    return this.#displacedTo(deviceMinute).some(
      (minute) => minute !== reading.minute && this.#holds(minute, reading, hash),
    );
  }

  /** Remembers a reading stored just now. */
  add(reading: Likeness, id: number): void {
    this.#index(reading.minute).add(this.#hash(reading), id);
    const deviceMinute = storedMinuteOf(reading.deviceTime);
    if (deviceMinute === reading.minute || this.#displacedTo(deviceMinute).includes(reading.minute)) return;
    this.#tables.displaced.add(deviceMinute, reading.minute);
    this.#displaced.delete(deviceMinute);
  }

  /** To be called when a transaction was rolled back or readings were moved. */
  forget(): void {
    this.#minutes.clear();
    this.#last = null;
    this.#displaced.clear();
    this.#identities.clear();
  }

  #holds(minute: Minute, wanted: Likeness, hash: number): boolean {
    return this.#index(minute)
      .find(hash)
      .some((id) => {
        const row = this.#tables.readings.get(minute, id);
        return (
          row !== null &&
          row.deviceTime === wanted.deviceTime &&
          row.shape === wanted.shape &&
          this.#dataOf(row).equals(wanted.data) &&
          this.#identity(row.origin) === this.#identity(wanted.origin)
        );
      });
  }

  #dataOf({ data, shape }: StoredReading): Buffer {
    return repacked(data, this.#tables.shapes.get(shape).length);
  }

  #displacedTo(deviceMinute: Minute): Minute[] {
    let minutes = this.#displaced.get(deviceMinute);
    if (minutes === undefined) {
      if (this.#displaced.size >= MAX_MINUTES) this.#displaced.clear();
      minutes = this.#tables.displaced.minutesOf(deviceMinute);
      this.#displaced.set(deviceMinute, minutes);
    }
    return minutes;
  }

  #index(minute: Minute): HashIndex {
    if (this.#last?.minute === minute) return this.#last.index;
    const known = this.#minutes.get(minute);
    const index = known ?? this.#read(minute);
    if (known !== undefined) this.#minutes.delete(minute);
    this.#minutes.set(minute, index);
    this.#last = { minute, index };
    if (known === undefined) this.#shrink();
    return index;
  }

  #read(minute: Minute): HashIndex {
    const index = new HashIndex();
    for (let after = 0; ;) {
      const rows = this.#tables.readings.page(minute, after, PAGE);
      for (const row of rows) {
        const { deviceTime, origin, shape, id } = row;
        if (deviceTime !== null)
          index.add(this.#hash({ minute, origin, shape, deviceTime, data: this.#dataOf(row) }), id);
        after = id;
      }
      if (rows.length < PAGE) return index;
    }
  }

  #shrink(): void {
    let total = 0;
    for (const { size } of this.#minutes.values()) total += size;
    for (const [minute, { size }] of this.#minutes) {
      if (this.#minutes.size <= 2 || (total <= MAX_HASHES && this.#minutes.size <= MAX_MINUTES)) return;
      this.#minutes.delete(minute);
      total -= size;
    }
  }

  /** FNV-1a over what makes readings alike. The source is no part of it. */
  #hash({ origin, shape, deviceTime, data }: Likeness): number {
    let hash = 0x811c9dc5;
    const identity = this.#identity(origin);
    for (let i = 0; i < identity.length; i++) hash = Math.imul(hash ^ identity.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ shape, 0x01000193);
    hash = Math.imul(hash ^ (deviceTime | 0), 0x01000193);
    hash = Math.imul(hash ^ Math.floor(deviceTime / 0x100000000), 0x01000193);
    for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ (data[i] ?? 0), 0x01000193);
    // The low bits choose the slot; let them depend on all of it.
    return (hash ^ (hash >>> 15)) | 0;
  }

  #identity(origin: number): string {
    let identity = this.#identities.get(origin);
    if (identity === undefined) {
      const { device, serial } = this.#tables.origins.get(origin);
      identity = JSON.stringify([device, serial]);
      this.#identities.set(origin, identity);
    }
    return identity;
  }
}
