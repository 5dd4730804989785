#!/usr/bin/env node
/**
 * Bin `gateway`. Nothing native and no package is loaded before the Node version is known to be good: an old Node would
 * crash in them instead of saying what is wrong.
 */
import { nodeVersionComplaint } from './commands/node-version.ts';

const complaint = nodeVersionComplaint(process.versions.node);
if (complaint !== null) {
  process.stderr.write(complaint);
  process.exitCode = 1;
} else {
  const { main } = await import('./commands/main.ts');
  await main(process.argv.slice(2));
}
