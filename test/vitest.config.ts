import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    // A forked process per file: worker threads of the queue and native modules end with it.
    pool: 'forks',
    maxWorkers: 2,
    // Node strips types with a WebAssembly module in every thread. V8 compiles it anew in the background, and now and then
    // crashes when the thread ends meanwhile; the shipped program is plain JavaScript and has none.
    execArgv: ['--liftoff-only', '--no-wasm-dynamic-tiering'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    allowOnly: false,
    setupFiles: ['test/support/leak-guard.ts'],
  },
});
