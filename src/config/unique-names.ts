import type { z } from 'zod';
import { httpSource } from './http-source-schema.ts';
import type { Issue } from './issue.ts';
import { modbusSource } from './modbus-schema.ts';
import { mqttSource } from './mqtt-schema.ts';
import { valueAt } from './schema-walk.ts';
import { dynatraceSink } from './sink-schema.ts';

/** By type, what holds the default name. */
const NAMES: Readonly<Record<string, z.ZodType>> = {
  mqtt: mqttSource.shape.name,
  modbus: modbusSource.shape.name,
  http: httpSource.shape.name,
  dynatrace: dynatraceSink.shape.name,
};

/** What counts and is kept goes by the name. One without a name has that of its type; of an unknown type nothing is known. */
export function duplicateNames(key: 'sources' | 'sinks', items: readonly unknown[]): Issue[] {
  const names = items.map((item) => valueAt(item, ['name']) ?? defaultName(valueAt(item, ['type'])));
  return names.flatMap((name, i) =>
    name === undefined || names.indexOf(name) === i
      ? []
      : [{ where: `${key}[${i}].name`, message: `expected a name of its own, ${JSON.stringify(name)} is taken` }],
  );
}

function defaultName(type: unknown): unknown {
  const name = typeof type === 'string' && Object.hasOwn(NAMES, type) ? NAMES[type] : undefined;
  return name?.parse(undefined);
}
