import { expect, it } from 'vitest';
import { centralEuropeOffset } from '../../../src/simulate/central-europe.ts';

it.each([
  ['2026-03-29T00:59:59Z', 1],
  ['2026-03-29T01:00:00Z', 2],
  ['2026-10-25T00:59:59Z', 2],
  ['2026-10-25T01:00:00Z', 1],
  ['2025-03-30T01:00:00Z', 2],
  ['2027-10-31T00:59:59Z', 2],
])('the clocks of Central Europe are at %s ahead of UTC by %i h', (iso, hours) => {
  expect(centralEuropeOffset(Date.parse(iso))).toBe(hours * 3_600_000);
});
