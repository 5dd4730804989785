import { join } from 'node:path';
import { defineConfig } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
/** Each begins a process or a thread; see src/platform/program-files.ts. */
const ENTRIES = ['cli', 'queue/thread/thread', 'queue/thread/quick-check'];

/**
 * `npm run build`: hundreds of modules as a few files. To find and open each takes most of the time of a short command, and
 * their bookkeeping a sixth of the memory of a gateway at rest. Packages with native parts stay where npm has put them.
 */
export default defineConfig({
  input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(ROOT, `src/${entry}.ts`)])),
  external: ['better-sqlite3', 'serialport'],
  platform: 'node',
  tsconfig: join(ROOT, 'tsconfig.json'),
  logLevel: 'warn',
  output: {
    dir: join(ROOT, 'dist'),
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
});
