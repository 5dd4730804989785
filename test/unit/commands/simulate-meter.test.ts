import { describe, expect, it } from 'vitest';
import { meterPayload } from '../../../src/commands/simulate-meter.ts';

const START = Date.UTC(2026, 5, 20, 3);
const OPTIONS = { seed: 1, speed: 1, firmware: '1.6.2', serial: 'S1', underscores: false } as const;

interface Payload {
  readonly '1.8.0': number;
  readonly '2.8.0': number;
  readonly saldo: number;
  readonly time: number;
  readonly serialnumber: string;
}

function readings(options: Partial<Parameters<typeof meterPayload>[0]>, everyMs: number, count: number): Payload[] {
  const payload = meterPayload({ ...OPTIONS, ...options }, START);
  return Array.from({ length: count }, (_, i) => JSON.parse(payload(START + i * everyMs)) as Payload);
}

describe('the simulated meter', () => {
  it('says the time at which it was asked, and its serial number', () => {
    expect(readings({}, 5000, 3).map((r) => [r.time * 1000 - START, r.serialnumber])).toEqual([
      [0, 'S1'],
      [5000, 'S1'],
      [10_000, 'S1'],
    ]);
  });

  it('lets the day pass faster while its time stamps stay real', () => {
    const fast = readings({ speed: 720 }, 5000, 13);
    expect(fast.at(-1)?.time).toBe(START / 1000 + 60);
    const slow = readings({}, 3_600_000, 13);
    expect(fast.map((r) => r.saldo)).toEqual(slow.map((r) => r.saldo));
    expect(fast.map((r) => r['2.8.0'])).toEqual(slow.map((r) => r['2.8.0']));
    expect(fast.some((r) => r.saldo < 0)).toBe(true);
  });

  it('has registers that never go back', () => {
    const day = readings({ speed: 60 }, 60_000, 24);
    for (const [i, r] of day.slice(1).entries()) {
      expect(r['1.8.0']).toBeGreaterThanOrEqual(day[i]?.['1.8.0'] ?? Number.NaN);
      expect(r['2.8.0']).toBeGreaterThanOrEqual(day[i]?.['2.8.0'] ?? Number.NaN);
    }
  });
});
