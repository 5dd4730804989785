import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-tree.ts';

/** Makes the commits of a process hang at will: start it with `env`. Needs gcc. */
export class HangingSync {
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  constructor(dir: string) {
    const library = join(dir, 'hanging-sync.so');
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, join(ROOT, 'test/support/hanging-sync.c')]);
    this.#file = join(dir, 'hang');
    this.env = { LD_PRELOAD: library, HANG_WHILE: this.#file };
  }

  begin(): void {
    writeFileSync(this.#file, '');
  }

  end(): void {
    rmSync(this.#file, { force: true });
  }
}
