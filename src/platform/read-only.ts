import { readFileSync, statSync } from 'node:fs';

/** Whether the kernel takes no writes on the file system of a path: mounted so, or made so after errors. False when it cannot be told. */
export function isReadOnly(path: string): boolean {
  try {
    const { dev } = statSync(path);
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .some((line) => isMountOf(line, dev) && takesNoWrites(line));
  } catch {
    return false;
  }
}

/** Third field: major:minor, as the C library puts them into one number. */
function isMountOf(line: string, dev: number): boolean {
  const [major = NaN, minor = NaN] = (line.split(' ')[2] ?? '').split(':').map(Number);
  return dev === (minor & 0xff) + (major << 8) + (minor >> 8) * 2 ** 20;
}

/** The options of the file system itself come last; those of the mount are another matter. */
function takesNoWrites(line: string): boolean {
  const options = line.slice(line.lastIndexOf(' ') + 1).split(',');
  return options.includes('ro') || options.includes('emergency_ro');
}
