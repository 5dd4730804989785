/**
 * A disk as POSIX promises it: what was synced is there; of what was not, anything may be. Each operation of a recording is
 * first pending, and becomes durable when its file or its directory is synced.
 */
import { basename, dirname } from 'node:path';
import { BALLAST_FILE } from '../../../src/queue/file/data-dir.ts';
import { ByteImage } from './byte-image.ts';
import type { Operation } from './recording.ts';

/**
 * When a name in a directory is durable: `posix` promises nothing before the directory it stands in is synced; `ext4` and its
 * like also bring a file's own name to the disk when the file is synced, and a directory's.
 */
export type DirectoryModel = 'posix' | 'ext4';

export type DataChange = Extract<Operation, { kind: 'write' | 'truncate' }>;
export type NameChange = Exclude<Operation, DataChange | { kind: 'sync' | 'sync-directory' | 'mark' }>;

/** Name to inode; null for a directory. */
export type Names = ReadonlyMap<string, number | null>;

export class Disk {
  readonly #model: DirectoryModel;
  readonly #images = new Map<number, ByteImage>();
  readonly #names = new Map<string, number | null>();
  #pendingData: DataChange[] = [];
  #pendingNames: NameChange[] = [];
  #durableChanges = 0;

  constructor(model: DirectoryModel) {
    this.#model = model;
  }

  /** Unsynced changes to files, in the order in which they were made. */
  get pendingData(): readonly DataChange[] {
    return this.#pendingData;
  }

  get pendingNames(): readonly NameChange[] {
    return this.#pendingNames;
  }

  /** Changes whenever something became durable. */
  get durableChanges(): number {
    return this.#durableChanges;
  }

  /** In files that still have a name; the ballast left out, which is never copied. */
  get durableBytes(): number {
    let sum = 0;
    for (const [path, inode] of this.#names) {
      if (inode !== null && basename(path) !== BALLAST_FILE) sum += this.image(inode).length;
    }
    return sum;
  }

  /** What is durable of a file. */
  image(inode: number): Buffer {
    return this.#images.get(inode)?.bytes ?? Buffer.alloc(0);
  }

  /** The directory tree when, of the pending changes of names, these have reached the disk too. */
  names(reached: readonly NameChange[]): Names {
    const names = new Map(this.#names);
    for (const change of reached) apply(names, change);
    // What lies in a directory that is not there itself cannot be found.
    for (const path of names.keys()) if (path.includes('/') && !names.has(dirname(path))) names.delete(path);
    return names;
  }

  do(operation: Operation): void {
    switch (operation.kind) {
      case 'write':
      case 'truncate':
        this.#pendingData.push(operation);
        break;
      case 'create':
      case 'mkdir':
      case 'rename':
      case 'unlink':
        this.#pendingNames.push(operation);
        break;
      case 'sync':
        this.#sync(operation.inode);
        break;
      case 'sync-directory':
        this.#persistNames(this.#synced((change) => directoriesOf(change).includes(operation.path)));
        break;
      case 'mark':
    }
  }

  #sync(inode: number): void {
    const mine = this.#pendingData.filter((change) => change.inode === inode);
    if (mine.length > 0) this.#durableChanges++;
    this.#pendingData = this.#pendingData.filter((change) => change.inode !== inode);
    let image = this.#images.get(inode);
    if (image === undefined) this.#images.set(inode, (image = new ByteImage()));
    for (const change of mine) applyData(image, change);
    if (this.#model === 'ext4') {
      const paths = new Set([...this.names(this.#pendingNames)].flatMap(([path, at]) => (at === inode ? [path] : [])));
      this.#persistNames(this.#synced((change) => pathsOf(change).some((path) => paths.has(path))));
    }
  }

  #synced(isSynced: (change: NameChange) => boolean): NameChange[] {
    const synced = withFoundations(this.#pendingNames, isSynced);
    if (this.#model === 'posix') return synced;
    const above = new Set(synced.flatMap(directoriesOf));
    return withFoundations(this.#pendingNames, (change) => synced.includes(change) || above.has(change.path));
  }

  #persistNames(reached: readonly NameChange[]): void {
    if (reached.length > 0) this.#durableChanges++;
    for (const change of reached) apply(this.#names, change);
    this.#pendingNames = this.#pendingNames.filter((change) => !reached.includes(change));
  }
}

/** The chosen changes of names and the earlier ones of the same names, without which they make no sense. */
export function withFoundations(
  changes: readonly NameChange[],
  isChosen: (change: NameChange) => boolean,
): NameChange[] {
  const chosen: NameChange[] = [];
  const needed = new Set<string>();
  for (const change of changes.toReversed()) {
    const paths = pathsOf(change);
    if (!isChosen(change) && !paths.some((path) => needed.has(path))) continue;
    chosen.push(change);
    for (const path of paths) needed.add(path);
  }
  return chosen.toReversed();
}

function applyData(image: ByteImage, change: DataChange): void {
  if (change.kind === 'write') image.write(change.offset, change.data);
  else image.truncate(change.size);
}

function apply(names: Map<string, number | null>, change: NameChange): void {
  const moved = names.get(change.path);
  if (change.kind === 'create') names.set(change.path, change.inode);
  else if (change.kind === 'mkdir') names.set(change.path, null);
  else names.delete(change.path);
  if (change.kind === 'rename' && moved !== undefined) names.set(change.to, moved);
}

function pathsOf(change: NameChange): string[] {
  return change.kind === 'rename' ? [change.path, change.to] : [change.path];
}

/** As the recorder names them: the root has no name. */
function directoriesOf(change: NameChange): string[] {
  return pathsOf(change).map((path) => dirname(path).replace(/^\.$/, ''));
}
