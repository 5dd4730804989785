import { describe, expect, it } from 'vitest';
import type { ConnectionEnd, EndCause } from '../../../../src/sources/mqtt/connection-end.ts';
import { firstAttempt, needsAPerson, nextAttempt } from '../../../../src/sources/mqtt/reconnect.ts';
import type { Attempt, ProtocolChoice } from '../../../../src/sources/mqtt/reconnect.ts';

function after(last: Attempt, cause: EndCause, connectedMs = 0, choice: ProtocolChoice = 'auto', random = 0): Attempt {
  const end: ConnectionEnd = { cause, detail: '', hint: null };
  return nextAttempt(last, end, connectedMs, choice, () => random);
}

describe('The next attempt', () => {
  it('comes after 1 s doubling to 10 s, anywhere between half of it and all of it', () => {
    let attempt = firstAttempt('5');
    const delays: [number, number][] = [];
    for (let i = 0; i < 7; i++) {
      delays.push([after(attempt, 'unreachable', 0, '5', 0).delayMs, after(attempt, 'unreachable', 0, '5', 1).delayMs]);
      attempt = after(attempt, 'unreachable', 0, '5');
    }
    expect(delays).toEqual([
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
      [4_000, 8_000],
      [5_000, 10_000],
      [5_000, 10_000],
      [5_000, 10_000],
    ]);
  });

  it('starts over after a stable connection, and does not after one that broke at once', () => {
    const tired: Attempt = { protocol: 5, delayMs: 10_000, failures: 9, only311: false };
    expect(after(tired, 'lost', 30_000)).toMatchObject({ delayMs: 500, failures: 1 });
    expect(after(tired, 'lost', 29_999)).toMatchObject({ delayMs: 5_000, failures: 10 });
  });

  it.each(['credentials', 'identity', 'untrusted', 'oversize'] as const)(
    'is slow where a person is needed: %s',
    (cause) => {
      expect(after(firstAttempt('auto'), cause, 0, 'auto', 1).delayMs).toBe(60_000);
      expect(needsAPerson(cause, 'auto')).toBe(true);
    },
  );

  it('is made with MQTT 3.1.1 for good after the broker said that it does not speak MQTT 5', () => {
    const fallback = after(firstAttempt('auto'), 'version');
    expect(fallback).toMatchObject({ protocol: 4, delayMs: 0 });
    expect(after(fallback, 'lost', 100_000).protocol).toBe(4);
  });

  it('tries MQTT 5 again after a broker that only closed at the CONNECT, which a restarting one does too', () => {
    const fallback = after(firstAttempt('auto'), 'mute');
    expect(fallback).toMatchObject({ protocol: 4, delayMs: 0 });
    const again = after(fallback, 'mute');
    expect(again).toMatchObject({ protocol: 5, delayMs: 500, failures: 1 });
  });

  it('keeps to the configured protocol', () => {
    expect(after(firstAttempt('5'), 'version', 0, '5').protocol).toBe(5);
    expect(after(firstAttempt('3.1.1'), 'mute', 0, '3.1.1')).toMatchObject({ protocol: 4, delayMs: 500 });
    expect(needsAPerson('version', '5')).toBe(true);
    expect(needsAPerson('version', 'auto')).toBe(false);
  });
});
