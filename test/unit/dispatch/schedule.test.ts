import { describe, expect, it } from 'vitest';
import { untilHealthAlone, untilLook, untilNextDue, windowAt, type LaneTimes } from '../../../src/dispatch/schedule.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';

const M = 29_000_000;
const metrics = { takes: 'samples', behindMs: 55 * MINUTE, aheadMs: 9 * MINUTE } as const;
const late = { takes: 'readings', behindMs: 23 * HOUR, aheadMs: 9 * MINUTE } as const;

describe('which minutes', () => {
  const folded = { route: metrics, resolution: 'minute', preferred: true } as const;

  it('takes a folded minute five seconds after its end', () => {
    expect(windowAt(M * MINUTE + 4_999, folded).dueBefore).toBe(M - 1);
    expect(windowAt(M * MINUTE + 5_000, folded).dueBefore).toBe(M);
    expect(untilNextDue(M * MINUTE + 4_000)).toBe(1_000);
    expect(untilNextDue(M * MINUTE + 5_000)).toBe(MINUTE);
  });

  it('takes raw values of the current minute, and none that is further ahead than the route allows', () => {
    expect(windowAt(M * MINUTE, { ...folded, resolution: 'raw' }).dueBefore).toBe(M + 1);
    const strict = { ...metrics, aheadMs: 0 };
    expect(windowAt(M * MINUTE + 1, { ...folded, route: strict, resolution: 'raw' }).dueBefore).toBe(M);
  });

  it('gives the live lane what began within five minutes, and leaves out what has begun before the window', () => {
    expect(windowAt(M * MINUTE + 10_000, folded)).toMatchObject({ liveFrom: M - 4, oldest: M - 54 });
    expect(windowAt(M * MINUTE, folded)).toMatchObject({ liveFrom: M - 5, oldest: M - 55 });
  });

  it('leaves no minute between the lanes of a later route', () => {
    const { dueBefore, liveFrom } = windowAt(M * MINUTE, { route: late, resolution: 'minute', preferred: false });
    expect(liveFrom).toBe(dueBefore);
  });
});

describe('when', () => {
  const idle: LaneTimes = {
    lane: 'live',
    flushMs: 10 * SECOND,
    maxItems: 1_000,
    fresh: 0,
    more: false,
    stirred: false,
    sinceSentMs: Infinity,
    sinceEmptyMs: Infinity,
  };

  it('waits for something to happen', () => expect(untilLook(idle)).toBe(Infinity));
  it('looks at once when an idle lane gets a value', () => expect(untilLook({ ...idle, fresh: 1 })).toBe(0));
  it('lets a value wait for company, at most flush after the last send', () =>
    expect(untilLook({ ...idle, fresh: 1, sinceSentMs: 4 * SECOND })).toBe(6 * SECOND));
  it('does not let a full batch wait', () =>
    expect(untilLook({ ...idle, fresh: 1_000, sinceSentMs: 4 * SECOND })).toBe(0));
  it('does not let the backlog wait', () =>
    expect(untilLook({ ...idle, lane: 'backlog', stirred: true, sinceSentMs: 0 })).toBe(0));
  it('goes on at once while more is due', () => expect(untilLook({ ...idle, more: true, sinceSentMs: 0 })).toBe(0));
  it('does not ask the queue again and again for what is not due yet', () =>
    expect(untilLook({ ...idle, fresh: 3, sinceEmptyMs: 100 })).toBe(150));

  it('sends health alone ten seconds after live values could have taken it along', () => {
    expect(untilHealthAlone(M * MINUTE + 5_000, M - 1)).toBe(10_000);
    expect(untilHealthAlone(M * MINUTE + 20_000, M - 1)).toBe(0);
    expect(untilHealthAlone(M * MINUTE + 20_000, M)).toBe(55_000);
  });
});
