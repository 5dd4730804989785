import type { LoopDelay } from './gateway-daemon.ts';
import type { Figure } from './scenario.ts';

const GOAL = { atMost: 20 };

/** Beside it, as the limit, a process that did nothing: on a busy machine its loop is late, too. */
export function loopDelayFigure(name: string, { p99Ms, bystanderP99Ms }: LoopDelay): Figure {
  return { name, unit: 'ms', value: p99Ms, goal: GOAL, limit: { value: bystanderP99Ms } };
}
