import { closest } from './closest.ts';
import type { Environment } from './environment.ts';
import type { Issue } from './issue.ts';
import { configSchema } from './schema.ts';
import { leaves, valueAt } from './schema-walk.ts';

export interface Override {
  /** `GATEWAY_QUEUE_LINGER` */
  readonly name: string;
  readonly path: readonly string[];
}

/** Every variable that overrides a key: `GATEWAY_` and the path. Keys within lists and free mappings have none. */
export const OVERRIDES: readonly Override[] = leaves(configSchema)
  .filter(({ path, scalar }) => scalar && !path.includes('[]'))
  .map(({ path }) => ({ name: `GATEWAY_${path.map(snake).join('_')}`, path }));

/** What Docker links and Kubernetes services that are called `gateway` put into the environment of others. */
const FOREIGN = /^GATEWAY_(?:SERVICE_|PORT(?:_|$)|NAME$|ENV_)|^GATEWAY_TEST_/;

export interface Overridden {
  readonly document: Readonly<Record<string, unknown>>;
  /** Variable by the key it set, for messages. */
  readonly origins: ReadonlyMap<string, string>;
  readonly issues: readonly Issue[];
}

/** Sets what `GATEWAY_` variables set. One that no key answers to is an issue, unless the file itself asks for it. */
export function override(
  document: Readonly<Record<string, unknown>>,
  environment: Environment,
  used: ReadonlySet<string>,
): Overridden {
  const origins = new Map<string, string>();
  let result = document;
  for (const { name, path } of OVERRIDES) {
    const value = environment.get(name);
    if (value === undefined) continue;
    result = withValue(result, path, value);
    origins.set(path.join('.'), name);
  }
  const known = OVERRIDES.map(({ name }) => name);
  const issues = environment
    .names()
    .filter((name) => name.startsWith('GATEWAY_') && !known.includes(name) && !used.has(name) && !FOREIGN.test(name))
    .map((name) => ({ where: name, message: 'unknown variable', suggestion: closest(name, known) }));
  return { document: result, origins, issues };
}

function withValue(
  document: Readonly<Record<string, unknown>>,
  [key = '', ...rest]: readonly string[],
  value: string,
): Readonly<Record<string, unknown>> {
  if (rest.length === 0) return { ...document, [key]: value };
  const inner = valueAt(document, [key]) ?? {};
  // A list or text where keys belong is reported by the schema; it is left for that.
  if (typeof inner !== 'object' || Array.isArray(inner)) return document;
  return { ...document, [key]: withValue(inner as Readonly<Record<string, unknown>>, rest, value) };
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
}
