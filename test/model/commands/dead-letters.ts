import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { DeadLetterFilter } from '../../../src/queue/inspector.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import type { ModelLetter, ModelSink } from '../sink.model.ts';
import { labelled, step, type Step } from './step.ts';

const filter = fc.record(
  { sink: fc.constantFrom('dynatrace', 'fresh', 'file'), device: fc.constantFrom('meter', 'roof') },
  { requiredKeys: [] },
);

/** A person wants them tried again. */
export const retryLetters = filter.map((filter): Step =>
  step(labelled('retryLetters', filter), (model, real) => retry(filter, model, real), hasDeadLetters),
);

/** A person does not want them any more. */
export const purgeLetters = filter.map((filter): Step =>
  step(labelled('purgeLetters', filter), (model, real) => purge(filter, model, real), hasDeadLetters),
);

function retry(filter: DeadLetterFilter, model: QueueModel, real: RealQueue): void {
  let values = 0;
  for (const [sink, letter] of found(filter, model)) {
    if (sink.removed) continue;
    letter.route = sink.firstRoute;
    sink.ledger.deadLettered -= letter.samples.length;
    values += letter.samples.length;
  }
  expect(real.inspect((inspector) => inspector.retryDeadLetters(filter))).toBe(values);
}

function purge(filter: DeadLetterFilter, model: QueueModel, real: RealQueue): void {
  let values = 0;
  for (const [sink, letter] of found(filter, model)) {
    sink.letters = sink.letters.filter((other) => other !== letter);
    values += letter.samples.length;
  }
  expect(real.inspect((inspector) => inspector.purgeDeadLetters(filter))).toBe(values);
}

function found({ sink: name, device }: DeadLetterFilter, model: QueueModel): (readonly [ModelSink, ModelLetter])[] {
  return model.sinks
    .filter((sink) => name === undefined || sink.name === name)
    .flatMap((sink) => sink.letters.map((letter) => [sink, letter] as const))
    .filter(([, letter]) => letter.route === null && (device === undefined || letter.device === device));
}

function hasDeadLetters({ sinks }: QueueModel): boolean {
  return sinks.some(({ letters }) => letters.some(({ route }) => route === null));
}
