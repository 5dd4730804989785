import { describe, expect, it } from 'vitest';
import { listDeadLetters, purgeDeadLetters, retryDeadLetters } from '../../../src/commands/dead-letters.ts';
import { HOUR } from '../../../src/model/time.ts';
import type { DeadLetter, DeadLetterFilter } from '../../../src/queue/inspector.ts';
import { commandContext, type Scene } from '../../support/command-context.ts';
import { NOW } from '../../support/queue-report.ts';

process.env['TZ'] = 'UTC';

const LETTER: DeadLetter = {
  id: 5,
  sink: 'dynatrace',
  device: 'grid-meter',
  quantity: 'power.active.import',
  samples: [
    [NOW - HOUR, 501],
    [NOW - HOUR + 1000, 502],
  ],
  reason: 'invalid metric key',
  refusedAt: NOW,
};

describe('gateway dead-letters', () => {
  it('lists them with what the sink said, and how many there are in all', async () => {
    const { context, filters } = scene();
    expect(await listDeadLetters({ sink: 'dynatrace', device: 'grid-meter', from: '-1d', to: 'now' }, context)).toBe(0);
    expect(filters[0]).toEqual({ sink: 'dynatrace', device: 'grid-meter', from: NOW - 24 * HOUR, to: NOW, limit: 100 });
    expect(context.out())
      .toBe(`id  sink       device      quantity             measured             values  refused              reason
 5  dynatrace  grid-meter  power.active.import  2026-11-20 13:00:00       2  2026-11-20 14:00:00  invalid metric key

3 dead letters with 12 values in all; --limit shows more than these 1.
`);
  });

  it('lists them as JSON with every sample', async () => {
    const { context } = scene();
    await listDeadLetters({ json: true }, context);
    expect(JSON.parse(context.out())).toMatchObject({
      letters: 3,
      values: 12,
      deadLetters: [{ id: 5, samples: [{ at: '2026-11-20T13:00:00.000Z', value: 501 }, { value: 502 }] }],
    });
  });

  it('retries what the filter names', async () => {
    const { context, filters } = scene({ inspector: { daemonRunning: () => false } });
    expect(await retryDeadLetters({ device: 'grid-meter' }, context)).toBe(0);
    expect(filters).toEqual([{ device: 'grid-meter' }]);
    expect(context.out()).toBe(
      '12 values pending again. The gateway is not running; they are sent when it is started.\n',
    );
  });

  it.each([
    ['after a yes', { terminal: true, answer: true }, {}, 1],
    ['not after a no', { terminal: true, answer: false }, {}, 0],
    ['with --yes where nobody can be asked', {}, { yes: true }, 1],
  ])('purges %s', async (_, changes, options, purges) => {
    const { context, purged } = scene(changes);
    expect(await purgeDeadLetters(options, context)).toBe(0);
    expect(purged).toHaveLength(purges);
  });

  it('refuses to purge where nobody can be asked, without --yes', async () => {
    const { context, purged } = scene();
    await expect(purgeDeadLetters({}, context)).rejects.toMatchObject({
      exitCode: 1,
      hint: expect.stringContaining('--yes'),
    });
    expect(purged).toEqual([]);
  });

  it.each([
    { from: 'now', to: '-1h' },
    { limit: '0' },
    { limit: 'many' },
    { from: 'tomorrow' },
    { device: 'gird-meter' },
  ])('refuses %j as a usage error', async (options) => {
    await expect(listDeadLetters(options, scene().context)).rejects.toMatchObject({ exitCode: 1 });
  });

  it('says where it looked when there is no database', async () => {
    const { context } = scene({ inspector: { report: () => null } });
    await expect(listDeadLetters({}, context)).rejects.toThrow('/var/lib/gateway/queue.db');
  });
});

function scene(changes: Scene = {}) {
  const filters: DeadLetterFilter[] = [];
  const purged: DeadLetterFilter[] = [];
  const context = commandContext({
    ...changes,
    inspector: {
      devices: () => ['grid-meter'],
      deadLetters: (filter) => {
        filters.push(filter);
        return [LETTER];
      },
      countDeadLetters: () => ({ letters: 3, values: 12 }),
      retryDeadLetters: (filter) => {
        filters.push(filter);
        return 12;
      },
      purgeDeadLetters: (filter) => {
        purged.push(filter);
        return 12;
      },
      ...changes.inspector,
    },
  });
  return { context, filters, purged };
}
