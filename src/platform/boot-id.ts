import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * The kernel's id of this boot: readings with the same id share one monotonic clock. Where the kernel gives none, an id of
 * this process alone, so that monotonic times of two runs are never compared.
 */
export function readBootId(path = '/proc/sys/kernel/random/boot_id'): string {
  try {
    const id = readFileSync(path, 'utf8').trim();
    if (id !== '') return id;
  } catch {
    // Not Linux, or /proc is hidden.
  }
  return randomUUID();
}
