import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Most of the time of a short command, and of a start, goes into finding and opening modules. */
const MOST_FOR_STATUS = 60;
const MOST_FOR_RUN = 130;

const PROBE = join(import.meta.dirname, '../support/count-modules.mjs');

/** As an installation: the build with what is shipped beside it, and no sources. The path of its command line. */
function install(): string {
  const installed = tempDir();
  const bundler = join(ROOT, 'node_modules/.bin/rolldown');
  execFileSync(bundler, ['-c', join(ROOT, 'scripts/rolldown.config.ts'), '--dir', join(installed, 'dist')]);
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  for (const folder of ['migrations', 'profiles', 'node_modules'])
    symlinkSync(join(ROOT, folder), join(installed, folder));
  return join(installed, 'dist/cli.js');
}

function counted(dataDir: string): { readonly env: NodeJS.ProcessEnv; readonly modules: () => readonly string[] } {
  const file = join(dataDir, 'modules');
  writeFileSync(file, '');
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_OPTIONS: `--import ${PROBE}`,
    MODULES_FILE: file,
    GATEWAY_DATA_DIR: join(dataDir, 'data'),
    MQTT_BROKER: '127.0.0.1',
    MQTT_PORT: '1',
    MQTT_TOPIC: 'meter',
    DYNATRACE_URL: 'http://127.0.0.1:1',
    API_TOKEN: 'dt0c01.of-no-use',
  };
  return {
    env,
    modules: () =>
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .filter((url) => url !== PROBE),
  };
}

it('the built status loads few modules', { timeout: 60_000 }, () => {
  const cwd = tempDir();
  const { env, modules } = counted(cwd);
  const { status, stdout } = spawnSync(process.execPath, [install(), 'status', '--json'], {
    cwd,
    env,
    encoding: 'utf8',
  });
  expect(status).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ daemon: { running: false } });
  expect(modules().length).toBeGreaterThan(5);
  expect(modules().length).toBeLessThanOrEqual(MOST_FOR_STATUS);
});

it('the built gateway collects, with its threads, and loads few modules', { timeout: 60_000 }, async () => {
  const cwd = tempDir();
  const { env, modules } = counted(cwd);
  const child = spawn(process.execPath, [install(), 'run'], { cwd, env });
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes('"collecting"')) break;
  }
  expect(said).toContain('"collecting"');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(modules().some((url) => url.endsWith('/dist/queue/thread/thread.js'))).toBe(true);
  expect(modules().length).toBeLessThanOrEqual(MOST_FOR_RUN);
});
