/** What a test needs of the machine that not every machine has. `describe.skipIf(lacks({ programs: ['gcc'] }))` */
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Needs {
  readonly programs?: readonly string[];
  /** Of packages that have no program. */
  readonly files?: readonly string[];
  /** Mounts and network namespaces. */
  readonly root?: boolean;
}

/** In CI never true: what is missing there must fail. Elsewhere it says what is not run, and why. */
export function lacks({ programs = [], files = [], root = false }: Needs): boolean {
  if (process.env['CI'] === 'true') return false;
  const missing = programs.filter((program) => findProgram(program) === null);
  missing.push(...files.filter((file) => !existsSync(file)));
  if (root && process.getuid?.() !== 0) missing.push('root');
  if (missing.length > 0) process.stderr.write(`NOT RUN: tests that need ${missing.join(', ')}\n`);
  return missing.length > 0;
}

/** Where a program is, searched in PATH and where Debian keeps daemons. */
export function findProgram(name: string): string | null {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].filter((place) => place !== '');
  return places.map((place) => join(place, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
