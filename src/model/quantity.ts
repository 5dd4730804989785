/**
 * The canonical quantities: what devices measure, in the unit they are stored in, and the metric each becomes.
 * Signs: grid + = import, battery + = charging, PV and inverter + = delivering.
 */
import type { Quantity } from './reading.ts';
import { BATTERY } from './quantities/battery.ts';
import { CONSUMPTION } from './quantities/consumption.ts';
import type { QuantityDefinition } from './quantities/definition.ts';
import { DEVICE } from './quantities/device.ts';
import { GENERATION } from './quantities/generation.ts';
import { GRID } from './quantities/grid.ts';
import { INVERTER } from './quantities/inverter.ts';
import { METER } from './quantities/meter.ts';
import { SITE } from './quantities/site.ts';

export type { QuantityDefinition } from './quantities/definition.ts';

export const QUANTITIES: readonly QuantityDefinition[] = [
  ...METER,
  ...GRID,
  ...INVERTER,
  ...GENERATION,
  ...BATTERY,
  ...CONSUMPTION,
  ...DEVICE,
  ...SITE,
];

const BY_NAME: ReadonlyMap<Quantity, QuantityDefinition> = new Map(QUANTITIES.map((q) => [q.name, q]));

/** The definition of a quantity, or undefined when this program does not know it. */
export function quantityDefinition(name: Quantity): QuantityDefinition | undefined {
  return BY_NAME.get(name);
}
