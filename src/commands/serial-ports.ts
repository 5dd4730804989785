import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const BY_ID = '/dev/serial/by-id';

/** The serial ports of this machine, by names that stay the same where there are some. */
export function serialPorts(): string[] {
  const byId = entriesOf(BY_ID).map((name) => join(BY_ID, name));
  if (byId.length > 0) return byId.sort();
  return entriesOf('/dev')
    .filter((name) => /^tty(USB|ACM|AMA)\d+$/.test(name))
    .map((name) => join('/dev', name))
    .sort();
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
