import { z } from 'zod';
import type { DurationMs } from '../model/time.ts';
import { DURATION, formatDuration, parseDuration } from './duration.ts';
import type { KeyPath } from './issue.ts';
import { formatSize, parseSize, SIZE } from './size.ts';

/** A rule over several keys that is broken, and where. */
export interface Breach {
  readonly path: KeyPath;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** What the reference says about a key; `default` where it is no fixed value. */
export function about(description: string, fallback?: string): { description: string; default?: string } {
  return fallback === undefined ? { description } : { description, default: fallback };
}

/** A mapping. Keys it does not know are found apart from it (`unknownKeys`), so that a misspelt one hides no other flaw. */
export function section<T extends z.ZodRawShape>(shape: T): z.ZodObject<T> {
  return z.object(shape, { error: () => 'expected keys and values' });
}

/** Runs a rule on what is well-formed by itself, so that its findings join all the others. */
export function holds<T>(rule: (value: T) => Iterable<Breach>): (value: T, context: z.core.$RefinementCtx<T>) => void {
  return (value, context) => {
    for (const { path, message, suggestion } of rule(value))
      context.addIssue({ code: 'custom', path: [...path], message, params: { suggestion } });
  };
}

export function text(expected: string): z.ZodString {
  const hint = (input: unknown): string =>
    typeof input === 'number' || typeof input === 'boolean'
      ? `expected ${expected}, in quotes`
      : `expected ${expected}`;
  // Aborts, because what is made of the text would be missing where a rule over several keys looks for it.
  return z.string({ error: ({ input }) => hint(input) }).min(1, { error: `expected ${expected}`, abort: true });
}

export function choice<const T extends string>(...values: readonly T[]): z.ZodEnum<z.core.util.ToEnum<T>> {
  return z.enum(values, { error: () => `expected ${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}` });
}

/** `true` and `false`, also as text: `${NAME}` gives nothing else. */
export function flag(): z.ZodPreprocess<z.ZodBoolean> {
  return z.preprocess(readFlag, z.boolean({ error: () => 'expected true or false' }));
}

/** A finite number other than zero, also as text. */
export function factor(): z.ZodPreprocess<z.ZodNumber> {
  const expected = 'expected a number other than 0';
  return z.preprocess(
    readNumber,
    z.number({ error: () => expected }).refine((n) => n !== 0, expected),
  );
}

export type Measure = z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;

export function duration(min: DurationMs, max: DurationMs): Measure {
  return measure(DURATION, parseDuration, min, max, formatDuration);
}

export function size(min: number, max: number): Measure {
  return measure(SIZE, parseSize, min, max, formatSize);
}

function measure(
  expected: string,
  parse: (text: string) => number | null,
  min: number,
  max: number,
  format: (value: number) => string,
): Measure {
  return z.string({ error: () => `expected ${expected}` }).transform((written, context) => {
    const value = parse(written);
    if (value !== null && value >= min && value <= max) return value;
    const range = `expected between ${format(min)} and ${format(max)}`;
    context.addIssue({ code: 'custom', message: value === null ? `expected ${expected}` : range });
    return z.NEVER;
  });
}

function readFlag(input: unknown): unknown {
  if (input === 'true') return true;
  return input === 'false' ? false : input;
}

function readNumber(input: unknown): unknown {
  return typeof input === 'string' && input.trim() !== '' ? Number(input) : input;
}
