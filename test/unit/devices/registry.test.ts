import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../src/devices/registry.ts';

describe('the registry of profiles', () => {
  it('makes each profile under its own name', () => {
    const options = { fields: { v: { path: 'v', factor: 1 } } };
    for (const [name, create] of Object.entries(PROFILES)) expect(create(options).name).toBe(name);
  });

  it('takes import as the positive direction of saldo unless told otherwise', () => {
    const context = { topic: 't', device: 'd' };
    expect(PROFILES.amis({}).decode({ saldo: 5 }, context)).toMatchObject({ readings: [{ values: [5] }] });
    expect(PROFILES.amis({ saldo: 'export' }).decode({ saldo: 5 }, context)).toMatchObject({
      readings: [{ values: [-5] }],
    });
  });

  it('says what is missing when the JSON profile has no fields', () => {
    expect(() => PROFILES.json({})).toThrow('the profile json has no fields');
  });
});
