import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/platform/clock.ts';
import { WaitedDetector } from '../../../../src/sources/mqtt/waited.ts';

const payload = Buffer.from('ours');

/** A clock that only moves by sleeping, 100 ms at a time; `onSleep` is called before each step with the time. */
function sleepingClock(onSleep: (now: number) => void = () => undefined) {
  let now = 1_000_000;
  return {
    ...systemClock,
    monoMs: () => now,
    sleep: async (ms: number, signal?: AbortSignal) => {
      const until = now + ms;
      while (now < until) {
        if (signal?.aborted === true) return;
        onSleep(now - 1_000_000);
        now += 100;
        await Promise.resolve();
      }
    },
  };
}

function detector(clock: ReturnType<typeof sleepingClock>, sessionPresent = true): WaitedDetector {
  return new WaitedDetector({ clock, topic: 'gateway/x/marker', payload, sessionPresent });
}

const never = new AbortController().signal;

describe('What waited', () => {
  it('is nothing when the broker had no session', async () => {
    const waited = detector(sleepingClock(), false);
    let published = 0;
    await waited.run({ publish: () => Promise.resolve((published += 1)), inFlight: () => 0 }, never);
    expect([waited.waiting, published]).toEqual([false, 0]);
  });

  it('ends with the echo, and not with that of an earlier connection', async () => {
    const waited = detector(sleepingClock());
    waited.sawMarker(Buffer.from('theirs'));
    expect(waited.waiting).toBe(true);
    await waited.run(
      {
        publish: (bytes) => {
          waited.sawMarker(bytes);
          return Promise.resolve(0);
        },
        inFlight: () => 0,
      },
      never,
    );
    expect(waited.waiting).toBe(false);
    expect(waited.problem).toBeNull();
  });

  it('ends without an echo after 10 s, once everything is acknowledged and the broker is quiet', async () => {
    let waited: WaitedDetector | null = null;
    const waitingAt: [number, boolean][] = [];
    const clock = sleepingClock((now) => {
      waitingAt.push([now, waited?.waiting ?? false]);
      if (now < 12_000) waited?.sawMessage();
    });
    waited = detector(clock);
    let asked = 0;
    await waited.run({ publish: () => Promise.resolve(((asked += 1), 0)), inFlight: () => 0 }, never);
    expect(waitingAt.at(-1)?.[0]).toBeGreaterThanOrEqual(11_500);
    expect(waitingAt.every(([, waiting]) => waiting)).toBe(true);
    expect(waited.waiting).toBe(false);
    expect(waited.problem).toMatchObject({ code: 'source.marker', message: expect.stringContaining('no echo') });
    expect(asked).toBe(2);
  });

  it('does not end while messages are not acknowledged, and the marker is sent again', async () => {
    let asked = 0;
    let now = 0;
    const waited = detector(sleepingClock((at) => (now = at)));
    await waited.run(
      { publish: () => Promise.resolve(((asked += 1), 0)), inFlight: () => (now < 25_000 ? 1 : 0) },
      never,
    );
    expect(now).toBeGreaterThanOrEqual(25_000);
    expect(asked).toBe(3);
    expect(waited.waiting).toBe(false);
  });

  it('says that publishing is not allowed, and that it is over when the echo comes after all', async () => {
    const waited = detector(sleepingClock());
    await waited.run({ publish: () => Promise.resolve(0x87), inFlight: () => 0 }, never);
    expect(waited.problem?.message).toContain('may not publish to gateway/x/marker');
    waited.sawMarker(payload);
    expect(waited.problem).toBeNull();
  });

  it('is no longer asked after the connection ended', async () => {
    const over = new AbortController();
    over.abort();
    const waited = detector(sleepingClock());
    await waited.run({ publish: () => Promise.resolve(null), inFlight: () => 0 }, over.signal);
    expect(waited.waiting).toBe(true);
    expect(waited.problem).toBeNull();
  });
});
