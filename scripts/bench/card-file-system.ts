import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writtenBytes } from './process-facts.ts';
import type { Stage } from './stage.ts';

export interface Card {
  readonly dataDir: string;
  /** Bytes written so far; for the process with this id where the device cannot be asked. Everything is written out first. */
  writtenBytes(pid: number): number;
  /** How it counts, in words. */
  readonly how: string;
}

const SECTOR = 512;

/** A file system like a card's on a loop device, where root may make one; else whatever disk there is. */
export function prepareCard(stage: Stage): Card {
  try {
    return loopCard(stage);
  } catch (error) {
    const why = process.getuid?.() === 0 ? (error as Error).message.trim() : 'not root';
    const dataDir = join(stage.dir, 'data');
    return {
      dataDir,
      writtenBytes,
      how: `the kernel's write_bytes of the process, without the file system's own part (no loop device: ${why})`,
    };
  }
}

function loopCard(stage: Stage): Card {
  const [image, mountPoint] = [join(stage.dir, 'card.img'), join(stage.dir, 'card')];
  run('truncate', '--size=1G', image);
  const device = run('losetup', '--find', '--show', image).trim();
  stage.onEnd(() => void run('losetup', '--detach', device));
  // Nothing is left for the kernel to initialise later, which would count as ours.
  run('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', device);
  mkdirSync(mountPoint);
  run('mount', device, mountPoint);
  stage.onEnd(() => void run('umount', mountPoint));
  return {
    dataDir: join(mountPoint, 'data'),
    how: 'sectors written to a loop device with ext4, its journal included',
    writtenBytes: () => {
      run('sync', '--file-system', mountPoint);
      return sectorsWritten(basename(device)) * SECTOR;
    },
  };
}

/** The seventh field of /sys/block/<device>/stat (the kernel's block/stat.rst). */
function sectorsWritten(device: string): number {
  return Number(readFileSync(`/sys/block/${device}/stat`, 'utf8').trim().split(/\s+/)[6]);
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
