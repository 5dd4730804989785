import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import type { Issue } from './issue.ts';

export interface ConfigFile {
  /** Null when there is none. */
  readonly path: string | null;
  /** Keys and values; empty where the file could not be used. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly issues: readonly Issue[];
}

/** Reads the named file, or the first `gateway.yaml` in the folders. What is wrong with it is in `issues`. */
export function readConfigFile(named: string | undefined, cwd: string, folders: readonly string[]): ConfigFile {
  const found =
    named === undefined ? folders.map((folder) => join(folder, 'gateway.yaml')).find(existsSync) : resolve(cwd, named);
  if (found === undefined) return { path: null, document: {}, issues: [] };
  let text: string;
  try {
    text = readFileSync(found, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { path: found, document: {}, issues: [{ where: found, message: `the file cannot be read: ${code}` }] };
  }
  return { path: found, ...parseYaml(text, found) };
}

/** Reads YAML that should be keys and values. */
export function parseYaml(text: string, where: string): Pick<ConfigFile, 'document' | 'issues'> {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { prettyErrors: false, lineCounter: lines, logLevel: 'silent' });
  const flaws = [...yaml.errors, ...yaml.warnings].map((flaw) => ({
    where: `${where}:${lines.linePos(flaw.pos[0]).line}`,
    message: explain(flaw.code),
  }));
  // Of what follows from the first flaw of a line nobody learns anything.
  const issues = flaws.filter(({ where }, i) => flaws.findIndex((other) => other.where === where) === i);
  if (issues.length > 0) return { document: {}, issues };
  const document = contentOf(yaml);
  if (document === undefined) return { document: {}, issues: [{ where, message: explain('BAD_ALIAS') }] };
  if (isMapping(document)) return { document, issues: [] };
  return { document: {}, issues: [{ where, message: 'expected keys and values, such as `dataDir: ./data`' }] };
}

/** Undefined when an alias leads nowhere, or to more than a configuration can hold. */
function contentOf(yaml: Document): unknown {
  try {
    return yaml.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

/** In own words: the parser's messages quote the line, which may hold a password. */
function explain(code: YAMLError['code']): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'the same key stands twice';
    case 'BAD_ALIAS':
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_SCALAR_START':
      return 'a value that begins with * ! & @ ` or % needs quotes around it';
    case 'TAB_AS_INDENT':
      return 'a tab; YAML is indented with blanks';
    case 'BAD_INDENT':
      return 'the indentation does not fit the lines above';
    default:
      return `not valid YAML (${code}); are quotes and brackets closed, and ": ", " #" and, between braces, \${NAME} in quotes?`;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
