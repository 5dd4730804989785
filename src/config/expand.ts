import type { Environment } from './environment.ts';
import { formatPath, isSecretKey, type Issue, type KeyPath } from './issue.ts';

export interface Expanded {
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Variables that were asked for. */
  readonly used: ReadonlySet<string>;
}

/**
 * Replaces `${NAME}` in every value; `$${` stands for `${` itself. A secret that is nothing but `${NAME}` comes from the file
 * that `NAME_FILE` names where that is set: the key becomes `…File`. Empty keys (`late:`) are left out.
 */
export function expand(document: unknown, environment: Environment): Expanded {
  const issues: Issue[] = [];
  const used = new Set<string>();

  function walk(value: unknown, path: KeyPath): unknown {
    if (typeof value === 'string') return text(value, path);
    if (Array.isArray(value)) return value.map((item: unknown, i) => walk(item, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
    return Object.fromEntries(entries.map(([key, inner]: [string, unknown]) => entry(key, inner, [...path, key])));
  }

  function entry(key: string, value: unknown, path: KeyPath): readonly [string, unknown] {
    const name = isSecretKey(key) && typeof value === 'string' ? /^\$\{(\w+)\}$/.exec(value)?.[1] : undefined;
    const file = name === undefined ? undefined : environment.get(`${name}_FILE`);
    if (name === undefined || file === undefined) return [key, walk(value, path)];
    used.add(name).add(`${name}_FILE`);
    if (environment.get(name) !== undefined)
      issues.push({ where: formatPath(path), message: `both ${name} and ${name}_FILE are set; set one of them` });
    return [`${key}File`, file];
  }

  function text(value: string, path: KeyPath): string {
    return value.replaceAll(/\$\$\{|\$\{([^}]*)\}/g, (whole, name: string | undefined) => {
      if (name === undefined) return '${';
      used.add(name);
      const replacement = environment.get(name);
      if (replacement !== undefined) return replacement;
      const message = /^[A-Za-z_]\w*$/.test(name)
        ? `the environment has no ${name}`
        : 'expected a plain ${NAME}; write $${ for the characters themselves';
      issues.push({ where: formatPath(path), message });
      return whole;
    });
  }

  return { value: walk(document, []), issues, used };
}
