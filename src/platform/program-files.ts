/** Where the program's own files are. The build puts many modules into one file, so no module can tell it from its own place. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = packageRoot(import.meta.dirname);
const IS_SOURCE = import.meta.filename.endsWith('.ts');

/** What is shipped beside the code, by its path in the package. */
export function programFile(path: string): string {
  return join(ROOT, path);
}

/** The file a thread begins with, by its path below `src/` without an ending; the build gives each a file of its own. */
export function threadEntry(path: string): string {
  return IS_SOURCE ? programFile(`src/${path}.ts`) : programFile(`dist/${path}.js`);
}

function packageRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error(`${from} belongs to no package`);
    folder = dirname(folder);
  }
  return folder;
}
