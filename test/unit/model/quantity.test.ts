import { describe, expect, it } from 'vitest';
import { QUANTITIES, quantityDefinition } from '../../../src/model/quantity.ts';

describe('the catalogue of quantities', () => {
  it('has each name and each metric key once', () => {
    expect(new Set(QUANTITIES.map(({ name }) => name)).size).toBe(QUANTITIES.length);
    expect(new Set(QUANTITIES.map(({ metricKey }) => metricKey)).size).toBe(QUANTITIES.length);
  });

  it('has metric keys and units that the ingest protocol takes, with no section that begins with a digit', () => {
    for (const { metricKey, metricUnit, divisor, displayName } of QUANTITIES) {
      expect(metricKey).toMatch(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/);
      expect(metricUnit).toMatch(/^[a-zA-Z0-9%[\]{}/_]{1,63}$/);
      expect(divisor).toBeGreaterThan(0);
      expect(displayName).toMatch(/^[A-Z].{2,60}$/);
    }
  });

  it('averages no state', () => {
    const states = QUANTITIES.filter(({ kind }) => kind === 'state').map(({ name }) => name);
    expect(states).toContain('device.state');
    expect(states).toContain('device.fault.30');
    expect(quantityDefinition('battery.soc')?.kind).toBe('gauge');
  });
});
