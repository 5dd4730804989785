import type { ReadOutcome } from './bus.ts';

/** By these a gateway says that it reaches nobody of that unit (Modbus application protocol V1.1b3, 7). */
const NOBODY_THERE = new Set([0x0a, 0x0b]);

/** Whether the device itself has answered, with data or with an exception, rather than a gateway in its place. */
export function answeredByDevice(outcome: ReadOutcome): boolean {
  return outcome.kind === 'exception' ? !NOBODY_THERE.has(outcome.code) : outcome.kind === 'data';
}
