/** Loaded before everything else and by every Node: imports nothing, uses no new syntax. */
const OLDEST: readonly [major: number, minor: number] = [22, 19];

/** What is wrong with this version of Node (`22.19.0`) and what to do; null when it can run the gateway. */
export function nodeVersionComplaint(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return (
    `error: the gateway needs Node.js ${OLDEST.join('.')} or newer; this is ${version}.\n` +
    'hint: run ./scripts/start, which brings its own runtime, or install Node.js 24.\n'
  );
}
