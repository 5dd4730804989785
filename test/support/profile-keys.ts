import { z } from 'zod';
import { profileSchema } from '../../src/config/profile-schema.ts';

/** A key of a profile file, in the words of docs/profiles.md. */
export interface ProfileKey {
  /** `[]` stands for the positions of a list, `<quantity>` for a key that is one. */
  readonly path: string;
  readonly type: string;
  /** As Markdown; `required` where the key may not be left out, empty where nothing holds without it. */
  readonly fallback: string;
}

/** Every key, those that hold further keys included. */
export function profileKeys(): ProfileKey[] {
  const [first, ...rest] = profileSchema.options.map((kind) => keysBelow(kind, ''));
  const keys = new Map((first ?? []).map((key) => [key.path, key]));
  for (const key of rest.flat()) {
    const same = keys.get(key.path);
    // What tells the kinds apart has another value in each.
    keys.set(
      key.path,
      same === undefined || same.type === key.type ? key : { ...key, type: `${same.type}, ${key.type}` },
    );
  }
  return [...keys.values()];
}

function keysBelow(schema: z.core.$ZodType, path: string): ProfileKey[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([key, child]: [string, z.core.$ZodType]) => {
      const at = path === '' ? key : `${path}.${key}`;
      return [{ path: at, type: typeOf(child), fallback: fallbackOf(child) }, ...keysBelow(child, at)];
    });
  if (inner instanceof z.ZodArray) return keysBelow(inner.element, `${path}[]`);
  return inner instanceof z.ZodRecord ? keysBelow(inner.valueType, `${path}.<quantity>`) : [];
}

function typeOf(schema: z.core.$ZodType): string {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return 'keys';
  if (inner instanceof z.ZodBoolean) return '`true` or `false`';
  if (inner instanceof z.ZodNumber) return inner.format === null ? 'number' : 'whole number';
  if (inner instanceof z.ZodString) return 'text';
  if (inner instanceof z.ZodNull) return '`null`';
  if (inner instanceof z.ZodEnum) return inner.options.includes('kWh') ? 'a unit' : values(inner.options).join(', ');
  if (inner instanceof z.ZodLiteral) return values([...inner.values]).join(', ');
  if (inner instanceof z.ZodUnion) return inner.options.map(typeOf).join(' or ');
  if (inner instanceof z.ZodArray) return isSection(inner.element) ? 'list' : `list of ${typeOf(inner.element)}`;
  if (inner instanceof z.ZodRecord) return isSection(inner.valueType) ? 'map' : `map to ${typeOf(inner.valueType)}`;
  throw new Error(`no word for a ${inner._zod.def.type}`);
}

function isSection(schema: z.core.$ZodType): boolean {
  return bare(schema) instanceof z.ZodObject;
}

function values(given: readonly unknown[]): string[] {
  return given.map((value) => `\`${String(value)}\``);
}

function fallbackOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodOptional) return '';
  if (schema instanceof z.ZodPipe) return fallbackOf(written(schema));
  if (!(schema instanceof z.ZodPrefault)) return 'required';
  const value: unknown = schema.def.defaultValue;
  if (value === '') return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** Without defaults, optionality and transformations. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return bare(schema.def.innerType);
  return schema instanceof z.ZodPipe ? bare(written(schema)) : schema;
}

/** The side of a transformation that describes the file. */
function written({ def }: z.ZodPipe): z.core.$ZodType {
  return def.in instanceof z.ZodTransform ? def.out : def.in;
}
