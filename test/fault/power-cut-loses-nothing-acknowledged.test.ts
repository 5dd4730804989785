/**
 * The queue's own writes, syncs, renames and deletions are recorded; then thousands of disks are built that a power cut may
 * leave of them, opened with the product's own code, and held against what had been promised by then.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportControl, reportFault, rounds, within } from '../support/fault-report.ts';
import { lacks } from '../support/needs.ts';
import type { DirectoryModel } from '../support/power-cut/disk.ts';
import { buildRecorder, type Life, record, type Recorded } from '../support/power-cut/record.ts';
import { checkpoints } from '../support/power-cut/checkpoints.ts';
import { differences } from '../support/power-cut/replayed-in-full.ts';
import { readRecording } from '../support/power-cut/recording.ts';
import { tryCutsInThread } from '../support/power-cut/try-cuts-in-thread.ts';
import type { CutsResult } from '../support/power-cut/try-cuts.ts';

const SEED = 1;
const LIVES: readonly Life[] = [
  { boot: 'boot-1', groups: 200, ending: 'kill' },
  { boot: 'boot-1', groups: 40, ending: 'stop' },
  { boot: 'boot-2', groups: 200, ending: 'kill' },
  { boot: 'boot-2', groups: 40, ending: 'stop' },
  { boot: 'boot-2', groups: 40, ending: 'damage' },
  { boot: 'boot-3', groups: 40, ending: 'stop' },
];

describe.skipIf(lacks({ programs: ['gcc', 'ld'] }))('a power cut', () => {
  // In memory, or each state would cost the disk a few real syncs; only what is read once lies on the disk.
  let memory: string;
  let disk: string;
  let recorder: string;
  let recorded: Recorded;
  beforeAll(() => {
    memory = mkdtempSync('/dev/shm/power-cut-');
    disk = mkdtempSync(join(tmpdir(), 'power-cut-'));
    recorder = buildRecorder(disk);
    recorded = recordIn('product', LIVES);
  }, 120_000);
  afterAll(() => {
    for (const dir of [memory, disk]) rmSync(dir, { recursive: true });
  });

  const recordIn = (name: string, lives: readonly Life[], pragmas: Readonly<Record<string, string>> = {}): Recorded =>
    record({ recorder, root: join(memory, name), trace: join(disk, name), seed: SEED, lives, pragmas });

  const tried = (trace: string, model: DirectoryModel, states: number): Promise<CutsResult> =>
    tryCutsInThread({ trace, model, states: rounds(states), seed: SEED, dir: memory });

  it('is tried on a recording with all that the queue does to its files', () => {
    const operations = readRecording(recorded.trace);
    const kinds = new Set<string>(operations.map(({ kind }) => kind));
    const all = ['mkdir', 'create', 'write', 'truncate', 'sync', 'sync-directory', 'rename', 'unlink', 'mark'];
    expect(all.filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(checkpoints(operations)).toBeGreaterThan(5);
  });

  it('has been recorded completely: all operations together give the directory, byte for byte', () => {
    expect(differences(recorded)).toEqual([]);
  });

  it('loses nothing acknowledged, and brings nothing settled back, whatever it leaves', within(240_000), async () => {
    const models: readonly DirectoryModel[] = ['posix', 'ext4'];
    const results = await Promise.all(models.map((model) => tried(recorded.trace, model, 5_000)));
    for (const [i, { states, acknowledged, lost, resent, unaccounted, failures }] of results.entries()) {
      const fault = `power cut, simulated (names as ${models[i]} promises)`;
      expect.soft(failures).toEqual([]);
      reportFault({ fault, rounds: states, acknowledged, lost, duplicates: resent, unaccounted });
    }
  });

  it.each([
    ['synchronous=NORMAL', { synchronous: 'NORMAL' }],
    ['journal_mode=DELETE, synchronous=FULL', { journal_mode: 'delete' }],
  ])('would lose readings with %s: the check can see loss', within(60_000), async (name, pragmas) => {
    const weaker = recordIn(name, LIVES.slice(1, 2), pragmas);
    expect(differences(weaker)).toEqual([]);
    const { states, acknowledged, lost, resent, unaccounted } = await tried(weaker.trace, 'posix', 500);
    reportControl({
      fault: `power cut, simulated, ${name}`,
      rounds: states,
      acknowledged,
      lost,
      duplicates: resent,
      unaccounted,
    });
  });
});
