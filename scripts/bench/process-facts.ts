/** What the kernel knows of a process, from /proc (proc(5)). */
import { readFileSync } from 'node:fs';

/** Clock ticks per second in /proc/<pid>/stat: 100 on every Linux Node runs on. */
const TICKS = 100;

/** Resident memory in bytes: now, or the most there ever was. */
export function residentBytes(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${which}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no ${which}`);
  return Number(kib) * 1024;
}

/** User and system time of all its threads. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  // utime and stime are the fields 14 and 15; the first two went with the name.
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** What it caused to be written to a disk; without the file system's own part. */
export function writtenBytes(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}
