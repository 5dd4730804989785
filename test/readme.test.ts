import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../src/model/problem.ts';
import { ROOT } from './support/source-tree.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the README', () => {
  it('names only files that exist', () => {
    const paths = [...README.matchAll(/`\.?\/?((?:scripts|src|test|migrations)\/[\w./-]*)/g)].map(
      (match) => match[1] ?? '',
    );
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('and the pages it leads to have no link that leads nowhere', () => {
    const pages = readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`);
    const links = ['README.md', ...pages].flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) =>
        join(page, '..', link),
      ),
    );
    expect(new Set(links)).toEqual(new Set(pages));
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
  });

  it('names every promise of the design with a test that holds it', () => {
    const rows = [...README.matchAll(/^\| P(\d+) \|.*$/gm)];
    expect(rows.map((row) => Number(row[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for (const [row] of rows) expect(row).toMatch(/`test\/[\w./-]+`/);
  });

  it('explains no problem code that does not exist', () => {
    const codes = [
      ...README.matchAll(/`((?:sink|late|source|clock|disk|queue|database|daemon|tls|no|secret|safe)\.[a-z0-9]+)`/g),
    ].map((m) => m[1] ?? '');
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !(code in PROBLEMS) && !code.startsWith('queue.'))).toEqual([]);
  });
});
