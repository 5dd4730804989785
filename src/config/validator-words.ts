import type { z } from 'zod';

/** By the validator's name of a type. */
const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'keys and values',
  record: 'keys and values',
};

/** By what is too small or too big; of a number nothing. */
const PARTS: Readonly<Record<string, string>> = { array: ' entries', string: ' characters' };

/** What is wrong, in the words of this program, where the schema itself has none for it. */
export function validatorWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${PARTS[issue.origin] ?? ''}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${PARTS[issue.origin] ?? ''}`;
    case 'invalid_key':
      return issue.issues.map(({ message }) => `${message} as the key`).join('; ');
    default:
      return 'expected something else';
  }
}
