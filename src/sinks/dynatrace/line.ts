/**
 * The only way text gets into a metrics payload (Dynatrace metric ingestion protocol). Whatever a device or a configuration is
 * called, a sample becomes exactly one line that the server can parse: keys come from the catalogue or match a strict pattern,
 * values are plain decimals, and a sample always has its time, because a line without one means "now".
 *
 * The line's limit of 50,000 characters cannot be reached: 50 dimensions of at most 352 characters, and a key of 250.
 */
import { quantityDefinition } from '../../model/quantity.ts';
import type { Sample } from '../../model/sample.ts';
import type { EpochMs } from '../../model/time.ts';
import type { HealthSample } from '../sink.ts';
import { dimensionsOf, quoted, type Dimensions } from './dimensions.ts';
import { numberText } from './number-text.ts';

const METRIC_SOURCE = { 'dt.metrics.source': 'energy-gateway' };
/** No section begins with a digit: the server has refused such keys although its grammar allows them. */
const METRIC_KEY = /^(?!dt\.)(?=.{3,250}$)[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/;
const YEAR_2000: EpochMs = 946_684_800_000;
const YEAR_3000: EpochMs = 32_503_680_000_000;
/** A fold whose mean is further outside than rounding explains is a mistake of ours. */
const ROUNDING = 1e-9;
/** Device names may come from topics, which strangers can invent. */
const MAX_DEVICES = 20_000;

/** Renders samples and health values; keeps what is the same in every line of a device. */
export class LineEncoder {
  readonly #dimensions: Readonly<Record<string, string>>;
  /** From behind the key up to the payload. */
  readonly #devices = new Map<string, string>();
  #lastAt: EpochMs = Number.NaN;
  #lastTimestamp = '';

  constructor(dimensions: Readonly<Record<string, string>>) {
    this.#dimensions = dimensions;
  }

  /**
   * The sample's line; null for a quantity this program does not know or a value that is no finite number. Throws for a time
   * or a fold that no reading can have.
   */
  sample(sample: Sample): string | null {
    const definition = quantityDefinition(sample.quantity);
    if (definition === undefined) return null;
    const payload = gauge(sample, definition.divisor);
    if (payload === null) return null;
    const device = this.#devices.get(sample.device) ?? this.#add(sample.device);
    return definition.metricKey + device + payload + this.#timestamp(sample.at);
  }

  /**
   * The line of a value about the gateway itself, which is true at this very moment: without a time, so that it means now by the
   * server's clock while ours may not be set yet. Null when it is no finite number. Throws for an impossible key.
   */
  health(sample: HealthSample): string | null {
    if (!Number.isFinite(sample.value)) return null;
    const dimensions = dimensionsOf({ ...METRIC_SOURCE, ...sample.dimensions }, this.#dimensions);
    return `${checked(sample.key)}${dimensionsText(dimensions)} gauge,${numberText(sample.value)}`;
  }

  #timestamp(at: EpochMs): string {
    if (at === this.#lastAt) return this.#lastTimestamp;
    if (!(at >= YEAR_2000 && at < YEAR_3000)) throw new RangeError(`not a time in milliseconds: ${at}`);
    this.#lastAt = at;
    this.#lastTimestamp = ` ${Math.round(at)}`;
    return this.#lastTimestamp;
  }

  #add(device: string): string {
    const text = `${dimensionsText(dimensionsOf({ device, ...METRIC_SOURCE }, this.#dimensions))} gauge,`;
    if (this.#devices.size >= MAX_DEVICES) this.#devices.clear();
    this.#devices.set(device, text);
    return text;
  }
}

function checked(key: string): string {
  if (!METRIC_KEY.test(key)) throw new RangeError(`not a metric key: ${key}`);
  return key;
}

function dimensionsText(dimensions: Dimensions): string {
  return dimensions.map(([name, value]) => `,${name}=${quoted(value)}`).join('');
}

function gauge({ min, max, sum, count }: Sample, divisor: number): string | null {
  if (!Number.isFinite(min) || !Number.isFinite(max) || !Number.isFinite(sum)) return null;
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`not a count of values: ${count}`);
  const mean = sum / count;
  const slack = ROUNDING * Math.max(Math.abs(min), Math.abs(max));
  if (mean < min - slack || mean > max + slack)
    throw new RangeError(`not a fold: min ${min}, max ${max}, sum ${sum}, count ${count}`);
  if (count === 1) return numberText(sum / divisor);
  const scaled = sum / divisor;
  // The server divides again and compares with a tolerance of 1e-6, which a rounding error in large values exceeds.
  const low = Math.min(min / divisor, scaled / count);
  const high = Math.max(max / divisor, scaled / count);
  return `min=${numberText(low)},max=${numberText(high)},sum=${numberText(scaled)},count=${count}`;
}
