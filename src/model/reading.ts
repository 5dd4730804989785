import type { EpochMs } from './time.ts';

/** Canonical name of a measured thing, such as `power.active.import`; see the catalogue in quantity.ts. */
export type Quantity = string;

/** Where a reading comes from: constant for a device, interned in the queue. */
export interface Origin {
  readonly device: string;
  /** The meter's serial number, where it says one that can be used; part of what makes two readings the same. */
  readonly serial: string | null;
  /** Name of the source that brought it. */
  readonly source: string;
}

/** What one device reported at one instant. Values are in the quantity's stored unit. */
export interface Reading {
  readonly origin: Origin;
  readonly at: EpochMs;
  readonly values: ReadonlyMap<Quantity, number>;
}
