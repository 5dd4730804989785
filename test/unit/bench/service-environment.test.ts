import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serviceEnvironment } from '../../../scripts/bench/service-environment.ts';
import { ROOT } from '../../support/source-tree.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

it('the environment of a unit is read as systemd reads it', () => {
  const unit =
    '[Service]\nEnvironment=A=1 B=x=y\nEnvironment="C=two words" D=\n#Environment=E=1\nEnvironmentFile=-/F=1\n';
  expect(serviceEnvironment(unit)).toEqual({ A: '1', B: 'x=y', C: 'two words', D: '' });
});

it('the service, the image and scripts/start give the gateway the same memory', () => {
  const { NODE_OPTIONS, MALLOC_ARENA_MAX } = serviceEnvironment(read('scripts/deploy/gateway.service'));
  expect(NODE_OPTIONS).toMatch(/max-old-space-size/);
  expect(MALLOC_ARENA_MAX).toMatch(/^\d+$/);
  expect(read('Dockerfile')).toContain(`NODE_OPTIONS="${NODE_OPTIONS}" MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX}\n`);
  expect(read('scripts/start')).toContain(`NODE_OPTIONS="\${NODE_OPTIONS:-${NODE_OPTIONS}}"`);
  expect(read('scripts/start')).toContain(`MALLOC_ARENA_MAX="\${MALLOC_ARENA_MAX:-${MALLOC_ARENA_MAX}}"`);
});
