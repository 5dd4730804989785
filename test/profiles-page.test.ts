import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAYLOAD_UNITS } from '../src/model/payload-unit.ts';
import { profileKeys, type ProfileKey } from './support/profile-keys.ts';
import { ROOT } from './support/source-tree.ts';
import { carryOut, workedExamples } from './support/worked-examples.ts';

const PAGE = readFileSync(join(ROOT, 'docs/profiles.md'), 'utf8');
const KEYS = profileKeys();
const WHATEVER: unknown = expect.any(String);

interface Row {
  /** Below which keys it stands: what the heading above it names; empty for the top of the file. */
  readonly below: readonly string[];
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
}

const rows = PAGE.split(/^(?=##)/m).flatMap((section) => {
  const [heading = ''] = section.split('\n');
  const below = [...heading.matchAll(/`([^`]+)`/g)].map(([, anchor = '']) => anchor);
  return [...section.matchAll(/^\| `([^`]+)` \| (.+?) \| (.*?) ?\| /gm)].map(
    ([, key = '', type = '', fallback = '']): Row => ({ below, key, type, fallback }),
  );
});

function keysOf({ below, key }: Row): ProfileKey[] {
  if (below.length === 0) return KEYS.filter(({ path }) => path === key);
  return KEYS.filter(({ path }) => below.some((anchor) => `.${path}`.endsWith(`.${anchor}.${key}`)));
}

describe('docs/profiles.md', () => {
  it('documents every key of a profile', () => {
    const documented = new Set(rows.flatMap(keysOf).map(({ path }) => path));
    expect(KEYS.length).toBeGreaterThan(80);
    expect(KEYS.map(({ path }) => path).filter((path) => !documented.has(path))).toEqual([]);
  });

  it('documents no other key, and each with the type and the default of the schema', () => {
    for (const row of rows) {
      const { type, fallback } = row;
      const paths = keysOf(row).map(({ path }) => path);
      const expected = paths.length === 0 ? [row] : paths.map((path) => ({ path, type, fallback }));
      expect(keysOf(row)).toEqual(expected);
    }
  });

  it('names every unit', () => {
    expect(PAYLOAD_UNITS.filter((unit) => !PAGE.includes(`\`${unit}\``))).toEqual([]);
  });

  const examples = workedExamples(PAGE);

  it('has examples', () => expect(examples.filter(({ prints }) => prints !== null)).toHaveLength(5));

  it.each(examples)('prints what it says: $command', (example) => {
    expect(carryOut(example)).toEqual(example.prints ?? WHATEVER);
  });
});
