import { statSync } from 'node:fs';

export type MissingFile = 'database' | 'wal' | 'lock';

/** Notices that a file was removed or replaced under SQLite, which goes on writing to what nobody will find again. */
export class FilesInPlace {
  readonly #files: readonly { readonly name: MissingFile; readonly path: string; readonly inode: number | undefined }[];

  /** As they are now. */
  constructor(paths: Readonly<Record<MissingFile, string>>) {
    const names: readonly MissingFile[] = ['database', 'wal', 'lock'];
    this.#files = names.map((name) => ({ name, path: paths[name], inode: inodeOf(paths[name]) }));
  }

  /** The first that is not what it was; null when all are. */
  missing(): { readonly name: MissingFile; readonly path: string } | null {
    return this.#files.find(({ path, inode }) => inodeOf(path) !== inode) ?? null;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
