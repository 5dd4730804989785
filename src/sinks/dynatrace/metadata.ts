import { QUANTITIES, type QuantityDefinition } from '../../model/quantity.ts';
import type { Quantity } from '../../model/reading.ts';
import { quoted } from './dimensions.ts';

const UNIT = /^[a-zA-Z0-9%[\]{}/_]{1,63}$/;
const MAX_DISPLAY_NAME = 300;

const LINES: ReadonlyMap<Quantity, string> = new Map(QUANTITIES.map((q) => [q.name, metadataLine(q)]));

/**
 * Name and unit of each metric key, sent once per process beside its first values. The server creates metadata from these lines
 * and never updates it, so a repetition would be without effect.
 */
export class Metadata {
  readonly #rendered = new Set<Quantity>();
  readonly #due = new Set<string>();

  /** Metadata lines of what was rendered, as long as they were not sent. */
  get due(): readonly string[] {
    return [...this.#due];
  }

  /** Called for each value: looking for keys in finished lines would cost more than the lines. */
  rendered(quantity: Quantity): void {
    if (this.#rendered.has(quantity)) return;
    this.#rendered.add(quantity);
    const line = LINES.get(quantity);
    if (line !== undefined) this.#due.add(line);
  }

  /** Called for lines that reached the server, whatever it made of them. */
  sent(lines: readonly string[]): void {
    for (const line of lines) this.#due.delete(line);
  }
}

/** `#key gauge dt.meta.displayName="…",dt.meta.unit="kW"`; a unit outside the server's pattern is left out. */
export function metadataLine(quantity: QuantityDefinition): string {
  const name = `dt.meta.displayName=${quoted(quantity.displayName.slice(0, MAX_DISPLAY_NAME))}`;
  const unit = UNIT.test(quantity.metricUnit) ? `,dt.meta.unit=${quoted(quantity.metricUnit)}` : '';
  return `#${quantity.metricKey} gauge ${name}${unit}`;
}
