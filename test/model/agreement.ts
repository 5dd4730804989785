import { expect } from 'vitest';
import { MINUTE } from '../../src/model/time.ts';
import type { QueueReport, SinkReport } from '../../src/queue/queue.ts';
import { expectBalanced } from '../support/queue-recount.ts';
import { TTL, type QueueModel } from './queue.model.ts';
import { numberOf, sizeOf } from './reading.model.ts';
import type { RealQueue } from './real-queue.ts';
import { letterLine, lettersInRows, owedInRows, owedLine, storedInRows, storedLine } from './rows.ts';
import type { ModelSink } from './sink.model.ts';

/** Holds the queue's report against its rows, its rows against the model, and its report against the model. */
export function expectAgreement(model: QueueModel, { store, dataDir }: RealQueue): void {
  const report = store.report(model.now);
  expectBalanced(dataDir, report);
  const { connection } = store.database;
  expect(storedInRows(connection), 'what is stored').toEqual(stored(model));
  expect(owedInRows(connection), 'what is owed').toEqual(owed(model));
  expect(lettersInRows(connection), 'letters').toEqual(letters(model));
  expect(store.hasUnsettled, 'whether results wait for a commit').toBe(model.unsettled.length > 0);
  expect(report.sinks.map(countsOf), 'sinks').toEqual(model.sinks.map((sink) => sinkReport(sink, model)));
  expect(report, 'totals').toMatchObject(totals(model));
  for (const [name, counts] of model.intake) {
    const { used, duplicates, refused, ignored } = counts;
    const messages = used + duplicates + refused + ignored;
    expect(
      report.sources.find((source) => source.name === name),
      name,
    ).toMatchObject({ ...counts, messages });
  }
  expect(report.replays, 'replays').toMatchObject(model.replays.slice(-20).map((replay) => replay.report()));
}

function stored({ readings }: QueueModel): string[] {
  return readings
    .map(({ device = '', values = {}, at, received, unknown }) => {
      const quantities = JSON.stringify(Object.keys(values));
      return storedLine({ device, at, received, unknown, quantities, values: Object.values(values) });
    })
    .sort();
}

function owed({ sinks }: QueueModel): string[] {
  return sinks
    .flatMap(({ name, owed }) => [...owed].map(([reading, route]) => owedLine(name, route, numberOf(reading))))
    .sort();
}

function letters({ sinks }: QueueModel): string[] {
  return sinks.flatMap(({ name, letters }) => letters.map((letter) => letterLine({ ...letter, sink: name }))).sort();
}

function countsOf({ name, removed, ledger, deadValues, routes, expiringWithinMinutes }: SinkReport): unknown {
  const byRoute = Object.fromEntries(routes.map(({ name, pendingValues }) => [name, pendingValues]));
  return { name, removed, ledger, deadValues, byRoute, expiringWithinMinutes };
}

function sinkReport(sink: ModelSink, { now }: QueueModel): unknown {
  const byRoute = sink.pendingByRoute();
  const pending = [...byRoute.values()].reduce((sum, values) => sum + values, 0);
  return {
    name: sink.name,
    removed: sink.removed,
    ledger: { ...sink.ledger, pending },
    deadValues: sink.letters.reduce((sum, { route, samples }) => sum + (route === null ? samples.length : 0), 0),
    byRoute: Object.fromEntries(byRoute),
    expiringWithinMinutes: { 10: sink.lostAt(now + 10 * MINUTE, TTL), 60: sink.lostAt(now + 60 * MINUTE, TTL) },
  };
}

function totals(model: QueueModel): Partial<QueueReport> {
  const pending = model.owedToAny();
  const inLetters = model.sinks.reduce((sum, sink) => sum + sink.pendingLetterValues, 0);
  return {
    storedReadings: model.readings.length,
    pendingReadings: pending.length + inLetters,
    pendingValues: pending.reduce((sum, reading) => sum + sizeOf(reading), inLetters),
    oldestPendingAt: model.oldestPendingAt(),
  };
}
