import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { barText, ProgressBar } from '../../src/commands/progress-bar.ts';

const SAY_EVERY_MS = 10_000;

type Undo = () => void | Promise<void>;

/** What one run has: a directory of its own, a way to say how far it is, and the list of what is to be undone after it. */
export class Stage {
  readonly dir: string;
  /** Aborted when the run is over, be it by Ctrl-C or for its time limit. */
  readonly signal: AbortSignal;
  readonly #prefix: string;
  readonly #undo: Undo[] = [];
  readonly #bar = new ProgressBar(process.stderr, process.stderr.columns ?? 80);
  #ended = false;
  #saidAt = 0;

  constructor(prefix: string, signal: AbortSignal) {
    this.#prefix = prefix;
    this.signal = signal;
    this.dir = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
    this.onEnd(() => rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 }));
  }

  /** A line of progress on stderr. */
  say(line: string): void {
    this.#bar.finish();
    this.#saidAt = performance.now();
    process.stderr.write(`${this.#prefix}: ${line}\n`);
  }

  /** How far long work is: on a terminal a bar, else a line now and then. */
  progress(done: number, total: number, what: string): void {
    const label = `${this.#prefix}: ${what}`;
    if (process.stderr.isTTY) {
      this.#bar.draw(done / total, label);
      if (done >= total) this.#bar.finish();
    } else if (performance.now() - this.#saidAt >= SAY_EVERY_MS) this.say(barText(done / total, what));
  }

  /** What was started last is undone first; what was still starting when the stage ended, at once. */
  onEnd(undo: Undo): void {
    if (this.#ended) void undo();
    else this.#undo.push(undo);
  }

  /** Undoes everything, whatever of it fails; then throws what failed. */
  async end(): Promise<void> {
    this.#ended = true;
    const errors: unknown[] = [];
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        await undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `not everything was tidied up: ${errors.join('; ')}`);
  }

  /** Asks until there is an answer. Throws when the run is aborted. */
  async until<T>(everyMs: number, ask: () => T | null | Promise<T | null>): Promise<T> {
    for (;;) {
      this.signal.throwIfAborted();
      const answer = await ask();
      if (answer !== null) return answer;
      await this.sleep(everyMs);
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      this.signal.addEventListener('abort', done, { once: true });
    });
  }
}
