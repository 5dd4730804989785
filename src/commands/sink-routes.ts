import type { SinkConfig } from '../config/config.ts';
import { HOUR, MINUTE, type DurationMs } from '../model/time.ts';

export interface RouteWindow {
  readonly route: string;
  readonly behindMs: DurationMs;
}

const METRICS: RouteWindow = { route: 'metrics', behindMs: 55 * MINUTE };
const LATE: RouteWindow = { route: 'late', behindMs: 23 * HOUR };

/**
 * The routes a sink will have, in order of preference. The sink says so itself, but looking at the queue must not load what
 * sends it; a test holds the two together.
 */
export function sinkRoutes({ late }: Pick<SinkConfig, 'late'>): readonly RouteWindow[] {
  return late === 'none' ? [METRICS] : [METRICS, LATE];
}
