import { expect } from 'vitest';
import { minuteOf, type Minute } from '../../src/model/time.ts';
import type { QueueModel } from './queue.model.ts';
import { sizeOf, type ModelReading } from './reading.model.ts';
import type { ModelLetter } from './sink.model.ts';

/** What an eviction left. */
export interface Left {
  readonly readings: ReadonlySet<ModelReading>;
  /** Letters that are dead. */
  readonly deadLetters: number;
}

interface Removed {
  /** Readings. */
  readonly pruned: number;
  /** Values, once per sink. */
  readonly evicted: number;
}

/**
 * How many readings a number of bytes is, no model knows: it is told which are left, and holds the queue to the order. What
 * nobody waits for goes first, the oldest minute first; then the dead letters; then the oldest minutes that are not on their way.
 */
export function evict(model: QueueModel, left: Left): Removed {
  const gone = model.readings.filter((reading) => !left.readings.has(reading));
  const minutes = [...new Set(model.readings.map(({ at }) => minuteOf(at)))].sort((a, b) => a - b);
  const isGone = (minute: Minute): boolean => gone.some(({ at }) => minuteOf(at) === minute);
  const isSettled = (minute: Minute): boolean =>
    !model.provisional.has(minute) && model.sinks.every((sink) => sink.removed || sink.routeIn(minute) === null);
  const settled = minutes.filter(isSettled);
  const others = minutes.filter((minute) => !isSettled(minute));
  const open = others.filter((minute) => !model.sinks.some((sink) => model.holds(sink, minute)));

  expectOldestFirst(settled.map(isGone));
  for (const isProvisional of [true, false])
    expectOldestFirst(open.filter((minute) => model.provisional.has(minute) === isProvisional).map(isGone));
  expect(
    others.filter((minute) => isGone(minute) && !open.includes(minute)),
    'evicted on their way',
  ).toEqual([]);
  const partly = model.readings.filter((reading) => isGone(minuteOf(reading.at)) && left.readings.has(reading));
  expect(partly, 'minutes go as a whole').toEqual([]);
  const evictedMinutes = open.filter(isGone);
  const dead = deadLettersOf(model);
  const dropped = new Set(dead.slice(0, dead.length - left.deadLetters));
  if (dropped.size > 0) expect(settled.every(isGone), 'settled readings go before dead letters').toBe(true);
  if (evictedMinutes.length > 0) {
    expect(settled.every(isGone), 'settled readings go before pending ones').toBe(true);
    expect(left.deadLetters, 'dead letters go before pending readings').toBe(0);
  }

  const isEvicted = ({ at }: ModelReading): boolean => evictedMinutes.includes(minuteOf(at));
  const evictable = gone.filter(isEvicted);
  let evicted = 0;
  for (const sink of model.sinks) {
    for (const reading of evictable) if (sink.owed.has(reading)) evicted += sizeOf(reading);
    sink.drop(evictable, 'evicted');
    sink.drop(gone, 'expired');
    sink.letters = sink.letters.filter((letter) => !dropped.has(letter));
  }
  model.forget(new Set(gone));
  return { pruned: gone.length - evictable.length, evicted };
}

function expectOldestFirst(gone: readonly boolean[]): void {
  expect(gone, 'the oldest go first').toEqual([...gone].sort((a, b) => Number(b) - Number(a)));
}

/** The oldest first. */
export function deadLettersOf({ sinks }: QueueModel): ModelLetter[] {
  return sinks
    .flatMap(({ letters }) => letters.filter(({ route }) => route === null))
    .sort((a, b) => a.number - b.number);
}
