/** What is wrong right now, in words for the person who owns the box. Codes are part of the public interface. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  /** What to do; or that nothing needs to be done because it heals by itself. */
  readonly hint: string;
}

/** Severity decides `health`: a `failing` problem needs a person, a `degraded` one heals by itself. */
export const PROBLEMS = {
  'no.sink': 'degraded',
  'sink.retrying': 'degraded',
  'sink.refused': 'degraded',
  'clock.unconfirmed': 'degraded',
  'database.salvaged': 'degraded',
  'tls.unverified': 'degraded',
  'source.qos0': 'degraded',
  'source.clock': 'degraded',
  'source.marker': 'degraded',
  'source.speed': 'degraded',
  'secret.readable': 'degraded',
  'site.gap': 'degraded',
  'site.sign': 'degraded',
  'safe.mode': 'failing',
  'config.invalid': 'failing',
  'sink.address': 'failing',
  'sink.blocked': 'failing',
  'late.blocked': 'failing',
  'source.silent': 'failing',
  'source.failed': 'failing',
  'disk.low': 'failing',
  'disk.failing': 'failing',
  'queue.evicting': 'failing',
  'daemon.stuck': 'failing',
  'daemon.stopped': 'failing',
} as const satisfies Record<string, 'degraded' | 'failing'>;

export type ProblemCode = keyof typeof PROBLEMS;
export type Health = 'ok' | 'degraded' | 'failing';

/** The worst severity among the problems. */
export function healthOf(problems: readonly Problem[]): Health {
  if (problems.some((p) => PROBLEMS[p.code] === 'failing')) return 'failing';
  return problems.length > 0 ? 'degraded' : 'ok';
}
