import { describe, expect, it } from 'vitest';
import { attempt } from '../../../src/dispatch/attempt.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import { accepted, FakeSink, unreachable } from '../../support/fake-sink.ts';
import { itemTexts } from '../../support/item-texts.ts';

const stale = { ...unreachable, staleConnection: true, bytesSent: 7 } as const;
const clock = { monoMs: () => 5 };

async function answers(...outcomes: Outcome[]) {
  const sink = new FakeSink();
  sink.behaviour.metrics = () => outcomes.shift() ?? accepted;
  const options = { signal: new AbortController().signal, health: [] };
  const { outcome } = await attempt(sink.metrics, itemTexts(['{}']), options, clock);
  return { outcome, requests: sink.requests.metrics.length };
}

describe('an attempt', () => {
  it('is made once more, at once, when a kept connection turns out to be closed; the bytes of both count', async () => {
    expect(await answers(stale, accepted)).toEqual({ outcome: { ...accepted, bytesSent: 107 }, requests: 2 });
  });

  it('is made twice at most', async () => {
    const { outcome, requests } = await answers(stale, stale, accepted);
    expect(outcome).toMatchObject({ kind: 'retry', bytesSent: 14 });
    expect(requests).toBe(2);
  });

  it('is not repeated for any other failure', async () => {
    expect(await answers(unreachable)).toMatchObject({ outcome: { kind: 'retry' }, requests: 1 });
  });

  it('passes a mistake of our own on', async () => {
    const sink = new FakeSink();
    sink.behaviour.metrics = () => {
      throw new TypeError('a bug');
    };
    const options = { signal: new AbortController().signal };
    await expect(attempt(sink.metrics, itemTexts(['{}']), options, clock)).rejects.toThrow('a bug');
    expect(sink.requests.metrics).toHaveLength(1);
  });
});
