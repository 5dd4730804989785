import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writtenBytes } from './process-facts.ts';
import type { Stage } from './stage.ts';

export interface Written {
  readonly bytes: number;
  /** How often the card had to make safe what it had; null where nobody can tell. */
  readonly flushes: number | null;
}

export interface Card {
  /** For whoever writes to it alone. */
  readonly dir: string;
  /** Written so far; by the process with this id where the device cannot be asked. Everything is written out first. */
  written(pid: number): Written;
  /** How it counts, in words. */
  readonly how: string;
}

const SECTOR_BYTES = 512;

/** A file system like a card's on a loop device, where root may make one; else whatever disk there is. */
export function prepareCard(stage: Stage, name: string): Card {
  try {
    return loopCard(stage, name);
  } catch (error) {
    const why = process.getuid?.() === 0 ? (error as Error).message.trim() : 'not root';
    const dir = join(stage.dir, name);
    mkdirSync(dir, { recursive: true });
    return {
      dir,
      written: (pid) => ({ bytes: writtenBytes(pid), flushes: null }),
      how: `the kernel's write_bytes of the process, without the file system's own part (no loop device: ${why})`,
    };
  }
}

function loopCard(stage: Stage, name: string): Card {
  const [image, mountPoint] = [join(stage.dir, `${name}.img`), join(stage.dir, name)];
  run('truncate', '--size=1G', image);
  const device = run('losetup', '--find', '--show', image).trim();
  stage.onEnd(() => void run('losetup', '--detach', device));
  // Nothing is left for the kernel to initialise later, which would count as ours.
  run('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', device);
  mkdirSync(mountPoint);
  run('mount', device, mountPoint);
  stage.onEnd(() => void run('umount', mountPoint));
  return {
    dir: mountPoint,
    how: 'sectors written to and flushes of a loop device with ext4, its journal included',
    written: () => {
      run('sync', '--file-system', mountPoint);
      return readCounters(basename(device));
    },
  };
}

/** The fields 7 and 16 of /sys/block/<device>/stat (the kernel's block/stat.rst). */
function readCounters(device: string): Written {
  const fields = readFileSync(`/sys/block/${device}/stat`, 'utf8').trim().split(/\s+/).map(Number);
  return { bytes: (fields[6] ?? Number.NaN) * SECTOR_BYTES, flushes: fields[15] ?? null };
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
