import { z } from 'zod';
import type { KeyPath } from './issue.ts';

/** A key that holds a value, as opposed to further keys. */
export interface Leaf {
  /** `[]` stands for the positions of a list. */
  readonly path: readonly string[];
  readonly description: string;
  /** What holds when it is left out, as Markdown; empty when nothing does. */
  readonly fallback: string;
  /** Text that one environment variable can hold. */
  readonly scalar: boolean;
}

/** Every leaf in the order of the schema. */
export function leaves(schema: z.core.$ZodType, path: readonly string[] = []): Leaf[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([key, value]: [string, z.core.$ZodType]) =>
      leaves(value, [...path, key]),
    );
  const known = z.globalRegistry.get(schema);
  if (inner instanceof z.ZodArray && known === undefined) return leaves(inner.element, [...path, '[]']);
  if (inner instanceof z.ZodDiscriminatedUnion) return inner.options.flatMap((option) => leaves(option, path));
  const scalar = !(inner instanceof z.ZodArray || inner instanceof z.ZodRecord);
  return [{ path, description: known?.description ?? '', fallback: fallbackOf(schema, known), scalar }];
}

export interface UnknownKey {
  readonly path: KeyPath;
  /** What may stand there instead. */
  readonly known: readonly string[];
}

/** The keys of a document that the schema has no place for. */
export function unknownKeys(schema: z.core.$ZodType, document: unknown, path: KeyPath = []): UnknownKey[] {
  const inner = unwrap(schema);
  if (typeof document !== 'object' || document === null) return [];
  if (inner instanceof z.ZodDiscriminatedUnion) {
    const key = inner.def.discriminator;
    const chosen = childOf(document, key);
    const options = inner.options.filter((option) => isOption(option, key, chosen));
    return options.flatMap((option) => unknownKeys(option, document, path));
  }
  if (inner instanceof z.ZodArray && Array.isArray(document))
    return document.flatMap((item: unknown, i) => unknownKeys(inner.element, item, [...path, i]));
  const known = Object.keys(shapeOf(inner));
  return Object.entries(document).flatMap(([key, value]: [string, unknown]) => {
    const child = inner instanceof z.ZodRecord ? inner.valueType : shapeOf(inner)[key];
    if (child !== undefined) return unknownKeys(child, value, [...path, key]);
    return inner instanceof z.ZodObject && !Array.isArray(document) ? [{ path: [...path, key], known }] : [];
  });
}

export function valueAt(document: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((value, key) => childOf(value, key), document);
}

function childOf(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  return schema instanceof z.ZodObject ? schema.shape : {};
}

function isOption(option: z.core.$ZodType, discriminator: string, chosen: unknown): boolean {
  const literal = shapeOf(unwrap(option))[discriminator];
  return literal instanceof z.ZodLiteral && literal.values.has(chosen as string);
}

/** Without defaults, optionality and transformations: what the document itself must look like. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.def.innerType);
  if (schema instanceof z.ZodPipe)
    return unwrap(schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in);
  return schema;
}

function fallbackOf(schema: z.core.$ZodType, known: z.core.GlobalMeta | undefined): string {
  if (typeof known?.['default'] === 'string') return known['default'];
  if (!(schema instanceof z.ZodPrefault)) return '';
  const value: unknown = schema.def.defaultValue;
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
