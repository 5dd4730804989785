import type { EpochMs } from '../../../model/time.ts';
import type { GrammarRules } from '../rules.ts';
import { Refusal, UNEXPECTED_END } from './refusal.ts';

/** What a line says after its head. A count payload has its delta as `sum`. */
export interface Value {
  readonly type: 'gauge' | 'count';
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
  /** Null: the server's time. */
  readonly at: EpochMs | null;
  /** The value part as written. */
  readonly text: string;
}

const TOLERANCE = 0.000001;
const NUMBER = '-?\\d+(?:\\.\\d+(?:[eE][+-]?\\d+)?)?';
const NUMBER_WITH_BARE_EXPONENTS = '-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?';

interface Forms {
  readonly single: RegExp;
  readonly summary: RegExp;
  readonly delta: RegExp;
}

const FORMS = { invalid: forms(NUMBER), valid: forms(NUMBER_WITH_BARE_EXPONENTS) };

/** The value part and the timestamp. */
export function value(rest: string, rules: GrammarRules): Value | Refusal {
  const { single, summary, delta } = FORMS[rules.bareExponents];
  const one = single.exec(rest);
  if (one !== null) {
    const n = Number(one[2]);
    return checked({ type: 'gauge', min: n, max: n, sum: n, count: 1, at: time(one[3]), text: one[1] ?? '' });
  }
  const four = summary.exec(rest);
  if (four !== null) {
    const [, text = '', min, max, sum, count, at] = four;
    return checked({
      type: 'gauge',
      min: Number(min),
      max: Number(max),
      sum: Number(sum),
      count: Number(count),
      at: time(at),
      text,
    });
  }
  const added = delta.exec(rest);
  if (added !== null) {
    const n = Number(added[2]);
    if (n < 0 && rules.negativeDeltas === 'invalid') return new Refusal(`negative delta: ${n}`);
    return checked({ type: 'count', min: n, max: n, sum: n, count: 1, at: time(added[3]), text: added[1] ?? '' });
  }
  return diagnosis(rest);
}

function forms(number: string): Forms {
  const time = '(?: (\\d+))?$';
  return {
    single: new RegExp(`^((?:gauge,)?(${number}))${time}`),
    summary: new RegExp(`^(gauge,min=(${number}),max=(${number}),sum=(${number}),count=(\\d+))${time}`),
    delta: new RegExp(`^(count,delta=(${number}))${time}`),
  };
}

function time(digits: string | undefined): EpochMs | null {
  return digits === undefined ? null : Number(digits);
}

function checked(v: Value): Value | Refusal {
  if (![v.min, v.max, v.sum, v.count].every(Number.isFinite)) return new Refusal(`number out of range: ${v.text}`);
  if (v.type === 'count' || v.text.indexOf('=') < 0) return v;
  const fields = `min: ${v.min.toFixed(6)}, max: ${v.max.toFixed(6)}, sum: ${v.sum.toFixed(6)}, count: ${v.count}`;
  if (v.count === 0) {
    if (v.min === 0 && v.max === 0 && v.sum === 0) return v;
    return new Refusal(`inconsistent gauge fields: count == 0 => min, max, sum == 0: ${fields}`);
  }
  const avg = v.sum / v.count;
  if (v.min <= avg + TOLERANCE && avg <= v.max + TOLERANCE) return v;
  return new Refusal(
    `inconsistent gauge fields: min <= avg <= max doesn't hold: ${fields}, avg: ${avg.toFixed(6)}, tolerance: ${TOLERANCE.toFixed(6)}`,
  );
}

function diagnosis(rest: string): Refusal {
  const [payload = '', at, ...more] = rest.split(' ');
  if (payload === '' || /(?:^gauge|^count|[,=])$/.test(payload)) return UNEXPECTED_END;
  if (!/^(?:-?\d|gauge,|count,)/.test(payload)) return new Refusal(`invalid metric type in message '${payload}'`);
  if (payload.startsWith('gauge,min=') && !payload.includes(',count=')) return UNEXPECTED_END;
  if (more.length > 0 || (at !== undefined && !/^\d+$/.test(at))) {
    return new Refusal(`invalid timestamp '${rest.slice(payload.length + 1)}'`);
  }
  return new Refusal(`invalid number in message '${payload}'`);
}
