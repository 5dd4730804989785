import { resolve } from 'node:path';
import { readConfigFile } from '../config/config-file.ts';
import { Environment, type Variables } from '../config/environment.ts';

const SYSTEM_FOLDER = '/etc/gateway';

/** The data directory that a configuration means which may be wrong elsewhere; null when this key is not plain text either. */
export function guessDataDir(path: string | undefined, env: Variables, cwd: string): string | null {
  const override = new Environment(env, cwd).get('GATEWAY_DATA_DIR');
  if (override !== undefined) return resolve(cwd, override);
  const { document, issues } = readConfigFile(path, cwd, [cwd, SYSTEM_FOLDER]);
  if (issues.length > 0) return null;
  const dataDir = document['dataDir'] ?? './data';
  return typeof dataDir === 'string' && !dataDir.includes('${') ? resolve(cwd, dataDir) : null;
}
