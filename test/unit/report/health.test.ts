import { describe, expect, it } from 'vitest';
import { HOUR } from '../../../src/model/time.ts';
import { buildStatus } from '../../../src/report/build-status.ts';
import { healthValues } from '../../../src/report/health.ts';
import { silentSources } from '../../../src/report/source-status.ts';
import type { QueueReport } from '../../../src/queue/queue.ts';
import { NOW, REPORT, statusInput, SUMMARY, withState } from '../../support/queue-report.ts';

const quiet = { ...REPORT, sources: REPORT.sources.map((s) => ({ ...s, lastReadingAt: NOW - HOUR })) };

describe("the gateway's own metrics", () => {
  it('tell what waits, how long, and what was delivered', () => {
    expect(valueOf('gateway.queue.pending')).toBe(120);
    expect(valueOf('gateway.queue.oldest_age')).toBe(62);
    expect(valueOf('gateway.delivered')).toBe(99_700);
    expect(valueOf('gateway.health')).toBe(0);
  });

  it.each([
    ['brings readings', REPORT, 0],
    ['is connected and silent', quiet, 1],
    [
      'has been connecting for as long',
      withState({ 'source:meter': { state: 'connecting', detail: 'down' } }, quiet),
      1,
    ],
    ['is only just connecting again', withState({ 'source:meter': { state: 'connecting', detail: 'down' } }), 0],
    ['cannot be used', withState({ 'source:meter': { state: 'failed', detail: 'bad password' } }), 1],
  ])('call a source that %s what it is', (_, report, silent) => {
    expect(valueOf('gateway.source.silent', report)).toBe(silent);
  });
});

function valueOf(key: string, report: QueueReport = REPORT) {
  const values = healthValues(buildStatus(statusInput({ report })), silentSources(SUMMARY.sources, report, NOW));
  return values.find((value) => value.key === key)?.value;
}
