import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The serial ports of this machine, by names that stay the same where they have one. */
export function serialPorts(dev = '/dev'): string[] {
  const byId = entriesOf(join(dev, 'serial/by-id'));
  const named = new Set(byId.map(realPathOf));
  const others = entriesOf(dev).filter((path) => /\/tty(USB|ACM|AMA)\d+$/.test(path) && !named.has(realPathOf(path)));
  return [...byId, ...others];
}

/** The same for all names of a port; of one that is not there its name. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
