import { readFileSync } from 'node:fs';
import type { Mark } from './marks.ts';

/** One call of the recorded process. Paths are relative to the recorded directory. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly inode: number }
  | { readonly kind: 'mkdir' | 'unlink'; readonly path: string }
  | { readonly kind: 'sync-directory'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'write'; readonly inode: number; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly inode: number; readonly size: number }
  | { readonly kind: 'sync'; readonly inode: number }
  | { readonly kind: 'mark'; readonly mark: Mark };

const HEAD_BYTES = 24;

/** Reads what recorder.c wrote. */
export function readRecording(path: string): Operation[] {
  const bytes = readFileSync(path);
  const operations: Operation[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = String.fromCodePoint(bytes.readUInt32LE(at));
    const length = bytes.readUInt32LE(at + 4);
    const inode = Number(bytes.readBigUInt64LE(at + 8));
    const offset = Number(bytes.readBigUInt64LE(at + 16));
    const data = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    operations.push(operationOf(type, inode, offset, data));
    at += HEAD_BYTES + length;
  }
  return operations;
}

function operationOf(type: string, inode: number, offset: number, data: Buffer): Operation {
  const [path = '', to = ''] = type === 'w' ? [] : data.toString().split('\0');
  switch (type) {
    case 'c':
      return { kind: 'create', path, inode };
    case 'd':
      return { kind: 'mkdir', path };
    case 'u':
      return { kind: 'unlink', path };
    case 'e':
      return { kind: 'sync-directory', path };
    case 'r':
      return { kind: 'rename', path, to };
    case 'w':
      return { kind: 'write', inode, offset, data };
    case 't':
      return { kind: 'truncate', inode, size: offset };
    case 's':
      return { kind: 'sync', inode };
    case 'm':
      return { kind: 'mark', mark: JSON.parse(path) as Mark };
    default:
      throw new Error(`a record of unknown type ${type}`);
  }
}
