import { DATABASE_FILE } from '../../../src/queue/file/data-dir.ts';
import type { Operation } from './recording.ts';

/** How often the WAL was brought into the database and the database synced. */
export function checkpoints(operations: readonly Operation[]): number {
  const databases = new Set<number>();
  const written = new Set<number>();
  let count = 0;
  for (const operation of operations) {
    if (operation.kind === 'create' && operation.path.endsWith(`/${DATABASE_FILE}`)) databases.add(operation.inode);
    if (operation.kind === 'write' && databases.has(operation.inode)) written.add(operation.inode);
    if (operation.kind === 'sync' && written.delete(operation.inode)) count++;
  }
  return count;
}
