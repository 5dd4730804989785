import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceEnvironment } from './service-environment.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What the systemd unit gives the gateway: the figures are to be those of an installation. */
export const SERVICE_ENVIRONMENT = serviceEnvironment(
  readFileSync(join(ROOT, 'scripts/deploy/gateway.service'), 'utf8'),
);

/** The command line under test: node's arguments before the command. */
export interface Program {
  readonly kind: 'build' | 'source';
  readonly cli: string;
}

/** Builds first, so that never an old build is measured. Throws with the bundler's words. */
export function prepareProgram(fromSource: boolean): Program {
  if (fromSource) return { kind: 'source', cli: join(ROOT, 'src/cli.ts') };
  const bundler = join(ROOT, 'node_modules/.bin/rolldown');
  const args = ['-c', join(ROOT, 'scripts/rolldown.config.ts')];
  const { status, stderr } = spawnSync(bundler, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed:\n${stderr}`);
  return { kind: 'build', cli: join(ROOT, 'dist/cli.js') };
}
