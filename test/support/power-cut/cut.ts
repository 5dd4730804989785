/** What a power cut may leave of the changes that were not synced. */
import type { SeededRandom } from '../seeded-random.ts';
import { type DataChange, type Disk, type NameChange, withFoundations } from './disk.ts';

const SECTOR = 512;

export const CUTS = ['nothing', 'everything', 'prefix', 'subset', 'torn', 'last torn', 'reversed'] as const;
export type CutKind = (typeof CUTS)[number];

/** A change to a file that reached the disk, whole or in parts. */
export type Reached =
  | Extract<DataChange, { kind: 'truncate' }>
  | { readonly kind: 'write'; readonly inode: number; readonly offset: number; readonly data: Buffer };

export interface Cut {
  readonly names: readonly NameChange[];
  readonly data: readonly Reached[];
  /** The same for cuts that leave the same. */
  readonly key: string;
}

/** One state a cut at this point may leave. */
export function cut(disk: Disk, kind: CutKind, random: SeededRandom): Cut {
  const { pendingData, pendingNames } = disk;
  const last = pendingData.length - 1;
  const border = random.between(0, pendingData.length);
  const share = random.next();
  const choose: Readonly<Record<CutKind, (change: DataChange, i: number) => boolean | 'torn'>> = {
    nothing: () => false,
    everything: () => true,
    prefix: (_, i) => i < border,
    subset: () => random.chance(share),
    torn: () => (random.chance(0.5) ? 'torn' : random.chance(share)),
    'last torn': (_, i) => (i === last ? 'torn' : true),
    reversed: (_, i) => i >= border,
  };
  const key: (string | number)[] = [];
  const data = pendingData.flatMap((change, i): Reached[] => {
    const fate = choose[kind](change, i);
    if (fate === false) return [];
    if (fate === true || change.kind === 'truncate') {
      key.push(i);
      return [change];
    }
    const sectors = sectorsOf(change).filter(() => random.chance(0.5));
    key.push(`${i}:${sectors.map(({ offset }) => offset).join('/')}`);
    return sectors;
  });
  const names = namesThatReached(pendingNames, kind, random);
  key.push('names', ...names.map((change) => pendingNames.indexOf(change)));
  return { names, data, key: key.join() };
}

function namesThatReached(pending: readonly NameChange[], kind: CutKind, random: SeededRandom): readonly NameChange[] {
  if (kind === 'nothing') return [];
  if (kind === 'everything') return pending;
  const border = random.between(0, pending.length);
  if (kind === 'prefix') return pending.slice(0, border);
  return withFoundations(pending, () => random.chance(0.5));
}

/** The parts of a write that lie in one sector each: a sector is written whole or not at all. */
function sectorsOf(change: Extract<DataChange, { kind: 'write' }>): Extract<Reached, { kind: 'write' }>[] {
  const { inode, offset, data } = change;
  const parts: Extract<Reached, { kind: 'write' }>[] = [];
  for (let from = 0; from < data.length;) {
    const to = Math.min(data.length, from + SECTOR - ((offset + from) % SECTOR));
    parts.push({ kind: 'write', inode, offset: offset + from, data: data.subarray(from, to) });
    from = to;
  }
  return parts;
}
