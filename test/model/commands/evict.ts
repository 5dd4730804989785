import { expect } from 'vitest';
import { deadLettersOf, evict } from '../eviction.model.ts';
import type { QueueModel } from '../queue.model.ts';
import { numberOf } from '../reading.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { deadLettersInRows, numbersInRows } from '../rows.ts';

/** Lets the model follow what the queue has removed to keep within its budget. */
export function followEviction(model: QueueModel, real: RealQueue): ReturnType<typeof evict> {
  const { connection } = real.store.database;
  const numbers = numbersInRows(connection);
  const readings = new Set(model.readings.filter((reading) => numbers.has(numberOf(reading))));
  // Results that waited are in the rows by now where room was made for them.
  const waited = real.store.hasUnsettled ? [] : model.unsettled;
  const deadLetters = waited.reduce((left, settled) => left - settled.deadLetters, deadLettersInRows(connection));
  if (readings.size === model.readings.length && deadLetters === deadLettersOf(model).length)
    return { pruned: 0, evicted: 0 };
  expect(real.isSmall, 'only a budget that is reached removes anything').toBe(true);
  return evict(model, { readings, deadLetters });
}
