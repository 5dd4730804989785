import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Relative imports, as paths relative to the repository. */
  readonly files: readonly string[];
  /** Packages, by name without a sub-path; Node's own modules left out. */
  readonly packages: readonly string[];
}

const IMPORT =
  /^(?:import\s+[\w\s{},*]+?\s+from|export\s+(?:type\s+)?[{*][\w\s{},*]*?from|import)\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** Every TypeScript file below the given folders, with what it imports. */
export function sourceTree(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(join(folder, name))),
  );
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const names = [...withoutComments(text).matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
  return {
    path: path.replaceAll('\\', '/'),
    text,
    files: names.filter((n) => n.startsWith('.')).map((n) => relative(ROOT, resolve(ROOT, dirname(path), n))),
    packages: names
      .filter((n) => !n.startsWith('.') && !n.startsWith('node:'))
      .map((n) => (n.startsWith('@') ? n.split('/').slice(0, 2).join('/') : (n.split('/')[0] ?? n))),
  };
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
