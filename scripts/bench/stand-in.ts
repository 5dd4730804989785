import { Child } from './child.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';

/** A request as the stand-in tells it. */
export interface Request {
  readonly atMs: number;
  readonly accepted: number;
  readonly invalid: number;
}

/** The stand-in for Dynatrace, as a process: it checks and counts every line and keeps none. */
export class StandInProcess {
  readonly url: string;
  /** Those to which it said yes, since the start. */
  readonly requests: readonly Request[];
  readonly #child: Child;

  private constructor(child: Child, url: string, requests: readonly Request[]) {
    this.#child = child;
    this.url = url;
    this.requests = requests;
  }

  static async start(stage: Stage, program: Program): Promise<StandInProcess> {
    const requests: Request[] = [];
    const child = Child.start(stage, {
      name: 'stand-in',
      command: process.execPath,
      args: [program.cli, 'simulate', 'dynatrace', '--port', '0', '--no-store', '--json'],
      onLine: (line) => note(line, requests),
    });
    const listening = JSON.parse(await child.line(/"listening"/)) as { listening: string };
    return new StandInProcess(child, listening.listening, requests);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** From now on it answers every request with this status, and takes nothing. */
  async refuse(status: number): Promise<void> {
    const body = JSON.stringify({ kind: 'status', status });
    const answer = await fetch(`${this.url}/_standin/fault`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`the stand-in did not take the fault: ${await answer.text()}`);
  }
}

function note(line: string, requests: Request[]): void {
  if (!line.startsWith('{"at"')) return;
  const { at, accepted, invalid, status } = JSON.parse(line) as Request & { at: string; status: number | null };
  if (status === 202 || invalid > 0) requests.push({ atMs: Date.parse(at), accepted, invalid });
}
