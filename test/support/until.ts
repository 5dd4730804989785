export interface UntilOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/** Asks again and again until the answer will do, and returns it; throws with the last answer after a while. */
export async function until<T>(
  ask: () => T | Promise<T>,
  willDo: (answer: T) => boolean,
  { timeoutMs = 40_000, intervalMs = 100 }: UntilOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (willDo(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`still not after ${timeoutMs} ms: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
