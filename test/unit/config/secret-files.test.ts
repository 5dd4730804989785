import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { summarise } from '../../../src/commands/summarise.ts';
import { load, yaml, type Machine } from '../../support/configuration.ts';
import { tempDir } from '../../support/temp-dir.ts';

const LOGIN = 'url: mqtt://b\ntopics: [x]\nusername: u';
const OF_ENV = { TENANT_HOST: 'host', API_TOKEN_FILE: 'token' };

afterEach(() => void vi.restoreAllMocks());

/** A machine whose file of this name has this mode. */
function withMode(name: string, mode: number, machine: Machine): { readonly config: Config; readonly path: string } {
  const cwd = tempDir();
  for (const [file, text] of Object.entries(machine.files ?? {})) writeFileSync(join(cwd, file), text, { mode: 0o600 });
  const path = join(cwd, name);
  chmodSync(path, mode);
  return { config: load({ ...machine, files: {} }, cwd), path };
}

function codes(config: Config): string[] {
  return config.warnings.map(({ code }) => code);
}

describe('a file that holds a secret', () => {
  const token: Machine = { files: { token: 'abcdef' }, env: OF_ENV };

  it.each<readonly [string, string, Machine]>([
    ['named by a variable', 'token', token],
    [
      'named by a key',
      'password',
      { files: { password: 'abcdef', ...yaml(`${LOGIN}\npasswordFile: password`).files } },
    ],
    ['.env', '.env', { files: { '.env': 'TENANT_HOST=host\nAPI_TOKEN=abcdef\n' } }],
    [
      '.env with the address of the OneAgent installer',
      '.env',
      { files: { '.env': 'DT_ONEAGENT_URL=https://h/?x\n' } },
    ],
    ['gateway.yaml', 'gateway.yaml', yaml(LOGIN)],
  ])('and that everybody can read is a warning: %s', (_, name, machine) => {
    const { config, path } = withMode(name, 0o604, machine);
    expect(config.warnings).toEqual([
      {
        code: 'secret.readable',
        message: `Every user of this machine can read ${path}, which holds a secret.`,
        hint: expect.stringContaining(`chmod o-r ${path}`) as unknown,
      },
    ]);
    expect(codes(withMode(name, 0o600, machine).config)).toEqual([]);
  });

  it.each<readonly [string, string, Machine]>([
    [
      'gateway.yaml that names variables',
      'gateway.yaml',
      {
        files: { 'gateway.yaml': 'sinks: [{ type: dynatrace, url: "https://h", token: "${API_TOKEN}" }]' },
        env: { API_TOKEN: 'abcdef' },
      },
    ],
    ['.env without a value', '.env', { files: { '.env': 'API_TOKEN=\nMQTT_USER=x\n' } }],
  ])('is not %s', (_, name, machine) => {
    expect(codes(withMode(name, 0o644, machine).config)).toEqual([]);
  });

  it('that its group can read is a warning to its owner, not to a service that it was handed to', () => {
    const { config, path } = withMode('token', 0o640, token);
    const me = process.getuid?.() ?? 0;
    // Root's own files are no case for it: a group may be how a service gets them.
    const owner = me === 0 ? 1_000 : me;
    if (me === 0) chownSync(path, owner, owner);
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(owner);
    const message = `Every user in the file's group can read ${path}, which holds a secret.`;
    expect(config.warnings).toEqual([{ code: 'secret.readable', message, hint: `chmod 600 ${path}` }]);
    getuid.mockReturnValue(4_711);
    expect(codes(config)).toEqual([]);
  });

  it('is judged anew each time, so that a warning goes when the file is closed and comes when it is replaced', () => {
    const { config, path } = withMode('token', 0o600, token);
    const summary = summarise(config);
    const seen = [codes(config)];
    chmodSync(path, 0o644);
    seen.push(
      codes(config),
      summary.warnings.map(({ code }) => code),
    );
    rmSync(path);
    seen.push(codes(config));
    writeFileSync(path, 'another', { mode: 0o600 });
    seen.push(
      codes(config),
      summary.warnings.map(({ code }) => code),
    );
    expect(seen).toEqual([[], ['secret.readable'], ['secret.readable'], [], [], []]);
  });

  it('may have any mode where systemd or Docker keeps it, which `${CREDENTIALS_DIRECTORY}` in gateway.yaml leads to', () => {
    const cwd = tempDir();
    const folder = join(cwd, 'credentials');
    mkdirSync(folder);
    writeFileSync(join(folder, 'api-token'), 'abcdef\n', { mode: 0o644 });
    symlinkSync(join(folder, 'api-token'), join(cwd, 'link'));
    const sink = (file: string) => ({
      files: { 'gateway.yaml': `sinks: [{ type: dynatrace, url: "https://h", tokenFile: "${file}" }]` },
      env: { CREDENTIALS_DIRECTORY: `${folder}/` },
    });
    const config = load(sink('${CREDENTIALS_DIRECTORY}/api-token'), cwd);
    expect(config.sinks[0]?.token.reveal()).toBe('abcdef');
    expect(codes(config)).toEqual([]);
    expect(codes(load(sink(`${folder}/../link`), cwd))).toEqual(['secret.readable']);
  });

  it('that systemd took away with the service is missed by who would send, not by who only looks at the queue', () => {
    const cwd = tempDir();
    const looking = (env: Machine['env']): (() => Config) => {
      const options = { cwd, hostname: 'pi', systemFolder: cwd, env: { TENANT_HOST: 'h', ...env } };
      return () => loadConfig({ ...options, withoutCredentials: true });
    };
    const away = { CREDENTIALS_DIRECTORY: join(cwd, 'away'), API_TOKEN_FILE: join(cwd, 'away/api-token') };
    expect(looking(away)().sinks).toHaveLength(1);
    expect(() => load({ env: { TENANT_HOST: 'h', ...away } }, cwd)).toThrow('cannot be read: ENOENT');
    expect(looking({ ...away, API_TOKEN_FILE: join(cwd, 'elsewhere') })).toThrow('cannot be read: ENOENT');
    mkdirSync(away.CREDENTIALS_DIRECTORY);
    expect(looking(away)).toThrow('cannot be read: ENOENT');
  });
});
