import { describe, expect, it } from 'vitest';
import { publishLoop, type Published, type PublishLoop } from '../../../src/commands/publish-loop.ts';
import { systemClock } from '../../../src/platform/clock.ts';

function loop(options: Partial<PublishLoop>): { reports: Published[]; done: Promise<void> } {
  const reports: Published[] = [];
  const done = publishLoop({
    publisher: { publish: () => Promise.resolve() },
    topic: 'amis/data',
    qos: 1,
    retain: false,
    intervalMs: 1,
    count: 3,
    payload: (at) => String(at),
    clock: systemClock,
    signal: new AbortController().signal,
    report: (published) => reports.push(published),
    ...options,
  });
  return { reports, done };
}

describe('publishing at an interval', () => {
  it('ends when the given number of messages has been acknowledged', async () => {
    const { reports, done } = loop({ count: 3 });
    await done;
    expect(reports.map((r) => r.result)).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
    expect(reports[0]).toMatchObject({ topic: 'amis/data', payload: String(reports[0]?.at) });
  });

  it('goes on when a message fails, and says why', async () => {
    let n = 0;
    const publish = () => (++n === 2 ? Promise.reject(new Error('not connected')) : Promise.resolve());
    const { reports, done } = loop({ publisher: { publish } });
    await done;
    expect(reports.map((r) => [r.result, r.error])).toEqual([
      ['acknowledged', null],
      ['failed', 'not connected'],
      ['acknowledged', null],
    ]);
  });

  it('does not wait for a slow broker, and skips messages beyond a hundred that wait', async () => {
    const stop = new AbortController();
    const { reports, done } = loop({
      publisher: { publish: () => new Promise(() => undefined) },
      count: 102,
      signal: stop.signal,
      report: (published) => {
        reports.push(published);
        if (reports.length === 2) stop.abort();
      },
    });
    await done;
    expect(reports.map((r) => r.result)).toEqual(['skipped', 'skipped']);
  });

  it('ends at the signal, whatever is still waiting', async () => {
    const stop = new AbortController();
    const { done } = loop({
      publisher: { publish: () => new Promise(() => stop.abort()) },
      count: null,
      intervalMs: 60_000,
      signal: stop.signal,
    });
    await expect(done).resolves.toBeUndefined();
  });
});
