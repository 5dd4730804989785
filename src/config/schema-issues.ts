import type { z } from 'zod';
import { closest } from './closest.ts';
import { formatPath, type Issue } from './issue.ts';
import { unknownKeys, valueAt } from './schema-walk.ts';
import { validatorWords } from './validator-words.ts';

export interface Checked<T> {
  /** Null when there are issues that leave no usable document. */
  readonly document: T | null;
  readonly issues: readonly Issue[];
}

/** Holds a document against a schema. */
export function checkSchema<T>(schema: z.ZodType<T>, document: unknown): Checked<T> {
  const issues: Issue[] = unknownKeys(schema, document).map(({ path, known }) => ({
    where: formatPath(path),
    message: 'unknown key',
    suggestion: closest(String(path.at(-1)), known),
  }));
  const result = schema.safeParse(document, { error: validatorWords });
  if (result.success) return { document: result.data, issues };
  return { document: null, issues: [...issues, ...result.error.issues.map((issue) => translate(issue, document))] };
}

function translate(issue: z.core.$ZodIssue, document: unknown): Issue {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  // Where a key is wrong, the value is not.
  const received = issue.code === 'invalid_key' ? undefined : valueAt(document, path);
  return {
    where: formatPath(path) || 'the file',
    message: issue.message,
    received: typeof received === 'object' ? undefined : received,
    suggestion: suggestionOf(issue, received),
  };
}

function suggestionOf(issue: z.core.$ZodIssue, received: unknown): string | undefined {
  if (issue.code === 'invalid_union' && 'options' in issue && typeof received === 'string')
    return closest(received, issue.options?.map(String) ?? []);
  if (issue.code === 'invalid_value' && typeof received === 'string')
    return closest(received, issue.values.map(String));
  const suggestion: unknown = issue.code === 'custom' ? issue.params?.['suggestion'] : undefined;
  return typeof suggestion === 'string' ? suggestion : undefined;
}
