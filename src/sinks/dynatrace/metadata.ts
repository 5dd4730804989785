import { QUANTITIES, type QuantityDefinition } from '../../model/quantity.ts';
import { quoted } from './dimensions.ts';

const UNIT = /^[a-zA-Z0-9%[\]{}/_]{1,63}$/;
const MAX_DISPLAY_NAME = 300;

const LINES: ReadonlyMap<string, string> = new Map(QUANTITIES.map((q) => [q.metricKey, metadataLine(q)]));

/**
 * Name and unit of each metric key, sent once per process beside its first values. The server creates metadata from these lines
 * and never updates it, so a repetition would be without effect.
 */
export class Metadata {
  readonly #sent = new Set<string>();

  /** Metadata lines for keys that occur in these data lines and were not sent yet. */
  due(dataLines: readonly string[]): string[] {
    if (this.#sent.size === LINES.size) return [];
    const due = new Set<string>();
    for (const line of dataLines) {
      // Every line of a value has a dimension, so its key ends at the first comma.
      const metadata = LINES.get(line.slice(0, line.indexOf(',')));
      if (metadata !== undefined && !this.#sent.has(metadata)) due.add(metadata);
    }
    return [...due];
  }

  /** Called for lines that reached the server, whatever it made of them. */
  sent(lines: readonly string[]): void {
    for (const line of lines) this.#sent.add(line);
  }
}

/** `#key gauge dt.meta.displayName="…",dt.meta.unit="kW"`; a unit outside the server's pattern is left out. */
export function metadataLine(quantity: QuantityDefinition): string {
  const name = `dt.meta.displayName=${quoted(quantity.displayName.slice(0, MAX_DISPLAY_NAME))}`;
  const unit = UNIT.test(quantity.metricUnit) ? `,dt.meta.unit=${quoted(quantity.metricUnit)}` : '';
  return `#${quantity.metricKey} gauge ${name}${unit}`;
}
