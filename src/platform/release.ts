import { readFileSync } from 'node:fs';
import type { EpochMs } from '../model/time.ts';
import { programFile } from './program-files.ts';

/** This program's version, from its package. */
export const VERSION = readVersion();

/** No reading can be older than the program: a wall clock before this was never set. Raised with each release. */
export const RELEASED_AT: EpochMs = Date.UTC(2026, 10, 1);

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(programFile('package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0.0.0';
}
