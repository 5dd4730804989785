/** What one part of `gateway check --online` found. */
export interface CheckResult {
  /** What was tried: `sink dynatrace (metrics)`. */
  readonly name: string;
  /** `unknown`: could not be tried, which is no failure. */
  readonly state: 'ok' | 'failed' | 'unknown';
  readonly message: string;
  /** What to do; null when nothing. */
  readonly hint: string | null;
}

export function passed(name: string, message: string): CheckResult {
  return { name, state: 'ok', message, hint: null };
}

export function failed(name: string, message: string, hint: string): CheckResult {
  return { name, state: 'failed', message, hint };
}
