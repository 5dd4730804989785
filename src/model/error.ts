/** Exit codes of the command line; see the README's table. */
export const EXIT = {
  ok: 0,
  usage: 1,
  configuration: 2,
  notRunning: 3,
  failing: 4,
  newerDatabase: 5,
  alreadyRunning: 6,
  internal: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error a person can act on: what happened, and what to do about it. Anything else that is thrown is a bug. */
export class GatewayError extends Error {
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(message: string, options: { hint: string; exitCode: ExitCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'GatewayError';
    this.hint = options.hint;
    this.exitCode = options.exitCode;
  }
}
