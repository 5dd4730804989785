import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readConfigFile } from '../config/config-file.ts';
import { Environment, type Variables } from '../config/environment.ts';

const SYSTEM_FOLDER = '/etc/gateway';
/** The key on a line of its own, plain or in quotes: what stands there whatever is wrong with the lines around it. */
const LINE = /^(["']?)dataDir\1:[ \t]+(?:"([^"]+)"|'([^']+)'|([^\s"'][^#\r\n]*?))[ \t]*(?:#.*)?\r?$/m;

/** The data directory that a configuration means which may be wrong elsewhere; null when this key is not plain text either. */
export function guessDataDir(path: string | undefined, env: Variables, cwd: string): string | null {
  const override = new Environment(env, cwd).get('GATEWAY_DATA_DIR');
  if (override !== undefined) return resolve(cwd, override);
  const { path: file, document, issues } = readConfigFile(path, cwd, [cwd, SYSTEM_FOLDER]);
  const written = issues.length > 0 ? dataDirOfText(file) : document['dataDir'];
  if (written === null) return null;
  const dataDir = written ?? './data';
  return typeof dataDir === 'string' && !dataDir.includes('${') ? resolve(cwd, dataDir) : null;
}

/** Of a file that is not valid YAML; undefined when it does not say, null when it cannot be read. */
function dataDirOfText(file: string | null): string | undefined | null {
  if (file === null) return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const [, , double, single, plain] = LINE.exec(text) ?? [];
  return double ?? single ?? plain;
}
