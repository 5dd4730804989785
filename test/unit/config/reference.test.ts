import { describe, expect, it } from 'vitest';
import { keyReference, variableReference } from '../../support/config-reference.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { leaves } from '../../../src/config/schema-walk.ts';

describe('the reference', () => {
  it('has every key with its default and meaning', async () => {
    await expect(`${keyReference()}\n\n${variableReference()}\n`).toMatchFileSnapshot('reference.snapshot');
  });

  it('leaves no key without a meaning', () => {
    const all = leaves(configSchema);
    expect(all.length).toBeGreaterThan(35);
    expect(all.filter(({ description }) => description === '')).toEqual([]);
  });

  it('is a table: no cell breaks it', () => {
    for (const line of keyReference().split('\n')) expect(line.split('|')).toHaveLength(5);
    for (const line of variableReference().split('\n')) expect(line.split('|')).toHaveLength(4);
  });
});
