import { type Fault, ROUTES } from './fault.ts';
import { type Rules, STRICT } from './rules.ts';

type Check = (value: unknown) => boolean;

const number: Check = (v) => typeof v === 'number' && Number.isFinite(v);
const positive: Check = (v) => Number.isInteger(v) && Number(v) > 0;
const text: Check = (v) => typeof v === 'string';
const one = (...choices: readonly string[]): Check => {
  return (v) => typeof v === 'string' && choices.includes(v);
};
const when = one('before-storing', 'after-storing');

const FIELDS: Readonly<Record<Fault['kind'], Readonly<Record<string, Check>>>> = {
  status: {
    status: (v) => Number.isInteger(v) && Number(v) >= 200 && Number(v) <= 599,
    body: one('envelope', 'empty', 'html'),
    message: text,
    location: text,
    retryAfter: (v) => number(v) || text(v),
    resetInMs: number,
    containing: text,
  },
  hang: { when, ms: number },
  reset: { when },
  'slow-body': { ms: number },
  'refuse-lines': { every: positive, key: text, device: text, text },
  rules: { rules: (v) => isObject(v) && Object.entries(v).every(([name, value]) => isRule(name, value)) },
  scopes: { scopes: (v) => Array.isArray(v) && v.every(text) },
  skew: { ms: number },
};

const REQUIRED: Partial<Record<Fault['kind'], string>> = {
  status: 'status',
  rules: 'rules',
  scopes: 'scopes',
  skew: 'ms',
};

const RULE_CHOICES: Partial<Record<keyof Rules, readonly string[]>> = {
  timestamps: ['reject', 'drop'],
  contentType: ['strict', 'any'],
  blankLines: ['invalid', 'ignored'],
  digitSections: ['invalid', 'valid'],
  bareExponents: ['invalid', 'valid'],
  negativeDeltas: ['invalid', 'valid'],
  duplicateDimensions: ['last', 'first'],
};

/** A fault as the admin API takes it, or a sentence on what is wrong with it. */
export function parseFault(value: unknown): Fault | string {
  if (!isObject(value)) return 'a fault is a JSON object';
  const kind = Object.keys(FIELDS).find((k): k is Fault['kind'] => k === value['kind']);
  if (kind === undefined) return `kind must be one of ${Object.keys(FIELDS).join(', ')}`;
  const required = REQUIRED[kind];
  if (required !== undefined && !(required in value)) return `${kind} needs ${required}`;
  const fields: Readonly<Record<string, Check>> = {
    kind: text,
    route: one(...ROUTES),
    times: positive,
    ...FIELDS[kind],
  };
  for (const [name, given] of Object.entries(value)) {
    const check = fields[name];
    if (check === undefined) return `${kind} has no field ${name}; it has ${Object.keys(fields).join(', ')}`;
    if (!check(given)) return `${kind}: ${name} cannot be ${JSON.stringify(given)}`;
  }
  // Every field was checked against the type's own list just now.
  return value as unknown as Fault;
}

function isRule(name: string, value: unknown): boolean {
  if (!isRuleName(name)) return false;
  const choices = RULE_CHOICES[name];
  if (choices !== undefined) return typeof value === 'string' && choices.includes(value);
  const nullable = name === 'maxLines' || name === 'errorsListed';
  return typeof STRICT[name] === 'boolean' ? typeof value === 'boolean' : (nullable && value === null) || number(value);
}

function isRuleName(name: string): name is keyof Rules {
  return Object.hasOwn(STRICT, name);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
