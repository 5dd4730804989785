import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../../src/model/time.ts';
import { PollPlan, type Piece, type PlannedBlock } from '../../../../src/sources/modbus/poll-plan.ts';

const BLOCK: PlannedBlock = {
  fc: 3,
  start: 100,
  count: 10,
  every: 'live',
  optional: false,
  cuts: [100, 102, 104, 107, 109],
};

const places = (pieces: readonly Piece[]): string[] => pieces.map(({ start, count }) => `${start}+${count}`);

describe('a poll plan', () => {
  it('reads live blocks at every poll, slow ones every minute, daily ones once a day and the rest once', () => {
    const blocks = (['live', 'slow', 'daily', 'once'] as const).map((every, i) => ({
      ...BLOCK,
      start: 100 * i,
      cuts: [],
      every,
    }));
    const plan = new PollPlan(1, blocks, 60);
    const dueAt = (now: number): string[] => {
      const due = plan.due(now);
      for (const piece of due) plan.done(piece, now);
      return due.map(({ block }) => block.every);
    };
    expect(dueAt(0)).toEqual(['live', 'slow', 'daily', 'once']);
    expect(dueAt(5 * SECOND)).toEqual(['live']);
    expect(dueAt(MINUTE)).toEqual(['live', 'slow']);
    expect(dueAt(24 * HOUR)).toEqual(['live', 'slow', 'daily']);
    expect(dueAt(24_000 * HOUR)).not.toContain('once');
  });

  it('keeps a block due until it was read', () => {
    const plan = new PollPlan(1, [{ ...BLOCK, every: 'once' }], 60);
    expect(plan.due(0)).toHaveLength(1);
    expect(plan.due(HOUR)).toHaveLength(1);
  });

  it('cuts what is too long where a value begins', () => {
    expect(places(new PollPlan(1, [BLOCK], 5).due(0))).toEqual(['100+4', '104+5', '109+1']);
  });

  it('never cuts through a value, leaves nothing out and reads nothing twice', () => {
    const blocks = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(blocks, fc.integer({ min: 4, max: 60 }), (widths, maxWords) => {
        let at = 500;
        const cuts = widths.map((width) => (at += width) - width);
        const block = { ...BLOCK, start: 500, count: at - 500, cuts };
        const pieces = new PollPlan(1, [block], maxWords).due(0);
        expect(pieces.every(({ count }) => count <= maxWords)).toBe(true);
        expect(pieces.every(({ start }) => cuts.includes(start))).toBe(true);
        let expected = 500;
        for (const { start, count } of pieces) {
          expect(start).toBe(expected);
          expected += count;
        }
        expect(expected).toBe(at);
      }),
    );
  });

  it('reads the halves of what the device does not have as a whole, and remembers it', () => {
    const plan = new PollPlan(1, [BLOCK], 60);
    expect(places(plan.due(0).flatMap((whole) => plan.unreadable(whole)))).toEqual(['100+4', '104+6']);
    expect(places(plan.due(0))).toEqual(['100+4', '104+6']);
  });

  it('leaves out a value the device does not have, until the line is opened again', () => {
    const plan = new PollPlan(1, [BLOCK], 60);
    let guard = 0;
    for (
      let bad = plan.due(0).find(covers(104));
      bad !== undefined && guard++ < 20;
      bad = plan.due(0).find(covers(104))
    )
      plan.unreadable(bad);
    expect(places(plan.due(0))).toEqual(['100+4', '107+3']);
    plan.reset();
    expect(places(plan.due(0))).toEqual(['100+10']);
  });
});

function covers(address: number): (piece: Piece) => boolean {
  return ({ start, count }) => address >= start && address < start + count;
}
