import { EXIT, GatewayError } from '../model/error.ts';
import { maskSecrets } from '../platform/secret.ts';

/** Where in the configuration: keys and list positions, outermost first. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong with the configuration. */
export interface Issue {
  /** `queue.ttl`, `sources[0].url`, or the name of an environment variable. */
  readonly where: string;
  /** What was found there; left out where there is nothing to show. */
  readonly received?: unknown;
  /** A whole clause: `expected a duration such as 10s`, `unknown key`. */
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** Everything that is wrong with a configuration, at once. Exit code 2. */
export class ConfigError extends GatewayError {
  readonly issues: readonly Issue[];

  constructor(source: string, issues: readonly Issue[]) {
    const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`;
    const lines = issues.map((issue) => `  ${formatIssue(issue)}`);
    super(maskSecrets(`The configuration (${source}) has ${count}:\n${lines.join('\n')}`), {
      hint: 'Correct them, then try with `gateway check`. docs/configuration.md lists every key.',
      exitCode: EXIT.configuration,
    });
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

/** `queue.ttl: expected a duration such as 10s, received "1 week"`. Secret values never appear, by the key they stand under. */
export function formatIssue(issue: Issue): string {
  const { path, message, hint } = partsOf(issue);
  return `${path}: ${message}${hint === null ? '' : `; ${hint}`}`;
}

/** The same for programs. */
export interface IssueParts {
  readonly path: string;
  readonly message: string;
  /** What was probably meant; null where nobody knows. */
  readonly hint: string | null;
}

export function partsOf({ where, received, message, suggestion }: Issue): IssueParts {
  const shown = received === undefined ? '' : `, received ${isSecretKey(where) ? '***' : show(received)}`;
  return {
    path: maskSecrets(where),
    message: maskSecrets(`${message}${shown}`),
    hint: suggestion === undefined ? null : maskSecrets(`did you mean ${suggestion}?`),
  };
}

export function formatPath(path: KeyPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The path of which `formatPath` made a text. */
export function parsePath(text: string): KeyPath {
  return text.split(/[.[\]]+/).flatMap((part) => (part === '' ? [] : /^\d+$/.test(part) ? Number(part) : part));
}

/** Whether what stands under a key, or in a variable, of this name is secret; a file's name is not. */
export function isSecretKey(name: string): boolean {
  return /token|passw|pwd|secret/i.test(name) && !/file$/i.test(name);
}

/** Masked before it is cut: half a secret would be found by nobody. */
function show(value: unknown): string {
  const text = JSON.stringify(value, masked) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function masked(key: string, value: unknown): unknown {
  if (isSecretKey(key)) return '***';
  return typeof value === 'string' ? maskSecrets(withoutLogin(value)) : value;
}

/** Of an address; a password may bring along what an address may not hold, such as `/` or a blank. */
function withoutLogin(text: string): string {
  return text.replace(/^(\s*[a-z][a-z0-9+.-]*:\/\/).*@/is, '$1***@');
}
