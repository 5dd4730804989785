import type { ReadingColumns } from '../model/reading-columns.ts';

/** Devices and quantities of some columns as small integers: two origins may be one device, and shapes share quantities. */
export class Numbered {
  readonly devices: readonly string[];
  readonly quantities: readonly string[];
  /** Per origin. */
  readonly deviceOf: Uint32Array;
  /** Per shape. */
  readonly quantitiesOf: readonly Uint32Array[];

  constructor({ origins, shapes }: Pick<ReadingColumns, 'origins' | 'shapes'>) {
    const devices = new Map<string, number>();
    const quantities = new Map<string, number>();
    this.deviceOf = Uint32Array.from(origins, ({ device }) => numberIn(devices, device));
    this.quantitiesOf = shapes.map((shape) => Uint32Array.from(shape, (name) => numberIn(quantities, name)));
    this.devices = [...devices.keys()];
    this.quantities = [...quantities.keys()];
  }
}

function numberIn(names: Map<string, number>, name: string): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  names.set(name, names.size);
  return names.size - 1;
}
