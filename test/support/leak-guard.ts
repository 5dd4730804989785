/**
 * Fails a test file that leaves something running: sockets, servers, child processes, worker threads. Whatever keeps the
 * event loop alive after the last test would keep the gateway alive after SIGTERM.
 */
import { afterAll } from 'vitest';

const LEAKS = new Set(['TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap', 'Worker', 'MessagePort', 'TLSWrap']);
const before = count();

afterAll(async () => {
  const deadline = performance.now() + 3_000;
  let leaked = difference();
  while (leaked.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    leaked = difference();
  }
  if (leaked.length > 0) throw new Error(`left running by this test file: ${leaked.join(', ')}`);
});

function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo())
    if (LEAKS.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function difference(): string[] {
  return [...count()]
    .filter(([name, n]) => n > (before.get(name) ?? 0))
    .map(([name, n]) => `${n - (before.get(name) ?? 0)} × ${name}`);
}
