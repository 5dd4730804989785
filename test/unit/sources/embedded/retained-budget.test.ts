import { expect, it } from 'vitest';
import { RetainedBudget } from '../../../../src/sources/embedded/retained-budget.ts';

it('admits 1,000 topics, and updates of those', () => {
  const budget = new RetainedBudget();
  for (let i = 0; i < 1_000; i++) expect(budget.admit(`t/${i}`, 10)).toBe(true);
  expect(budget.admit('t/1000', 10)).toBe(false);
  expect(budget.admit('t/7', 20)).toBe(true);
});

it('has room again after a topic was cleared', () => {
  const budget = new RetainedBudget();
  for (let i = 0; i < 1_000; i++) budget.admit(`t/${i}`, 10);
  expect(budget.admit('t/3', 0)).toBe(true);
  expect(budget.admit('other', 10)).toBe(true);
});

it('admits 8 MiB in total', () => {
  const budget = new RetainedBudget();
  const half = 4 * 1024 * 1024 - 10;
  expect(budget.admit('a', half)).toBe(true);
  expect(budget.admit('b', half)).toBe(true);
  expect(budget.admit('c', 1_000)).toBe(false);
  expect(budget.admit('a', 100)).toBe(true);
  expect(budget.admit('c', 1_000)).toBe(true);
});
