import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** What the systemd unit and the image give the gateway: the figures are to be those of an installation. */
export const INSTALLED = {
  NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=2',
  MALLOC_ARENA_MAX: '2',
} as const;

/** The command line under test: node's arguments before the command. */
export interface Program {
  readonly kind: 'build' | 'source';
  readonly cli: string;
}

/** Builds first, so that never an old build is measured. Throws with the compiler's words. */
export function prepareProgram(fromSource: boolean): Program {
  if (fromSource) return { kind: 'source', cli: join(ROOT, 'src/cli.ts') };
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(compiler, ['-p', join(ROOT, 'src')], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}`);
  return { kind: 'build', cli: join(ROOT, 'dist/cli.js') };
}
