import { expect, it } from 'vitest';
import { sinkRoutes } from '../../../src/commands/sink-routes.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { DynatraceSink } from '../../../src/sinks/dynatrace/dynatrace-sink.ts';

it.each(['bizevents', 'none'] as const)(
  'knows the routes a sink with late: %s has, without making it',
  async (late) => {
    const sink = new DynatraceSink({
      name: 'dynatrace',
      url: 'https://abc12345.live.dynatrace.com',
      token: new Secret({ value: 'not-a-real-token' }),
      resolution: 'minute',
      flushMs: 10_000,
      late,
      backfill: false,
      insecureSkipVerify: false,
      dimensions: {},
      databaseId: 'a1b2',
      version: '1.2.3',
      clock: systemClock,
    });
    const actual = sink.routes.map(({ name, behindMs }) => ({ route: name, behindMs }));
    await sink.close();
    expect(sinkRoutes({ late })).toEqual(actual);
  },
);
