import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cut } from './cut.ts';
import { Disk } from './disk.ts';
import { SeededRandom } from '../seeded-random.ts';
import { materialise } from './materialise.ts';
import type { Recorded } from './record.ts';
import { readRecording } from './recording.ts';

/** Files that are not in the recorded directory as all operations together give them: the recorder would have missed something. */
export function differences({ trace, root }: Recorded): string[] {
  const disk = new Disk('posix');
  for (const operation of readRecording(trace)) disk.do(operation);
  const replayed = mkdtempSync(`${root}-replayed-`);
  materialise(disk, cut(disk, 'everything', new SeededRandom(0)), replayed);
  const [found, expected] = [filesOf(replayed), filesOf(root)];
  rmSync(replayed, { recursive: true });
  const names = new Set([...found.keys(), ...expected.keys()]);
  return [...names].filter((name) => found.get(name)?.equals(expected.get(name) ?? Buffer.of()) !== true);
}

/** The index of a WAL is memory with a name, and is not recorded; the ballast's bytes are not copied, only their number. */
function filesOf(root: string): Map<string, Buffer> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => !name.endsWith('-shm'));
  return new Map(
    names.map((name) => {
      const status = statSync(join(root, name));
      if (status.isDirectory()) return [name, Buffer.of()];
      return [name, name.endsWith('ballast') ? Buffer.from(String(status.size)) : readFileSync(join(root, name))];
    }),
  );
}
