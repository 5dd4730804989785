import { rounds } from './fault-report.ts';

type Scene<T> = () => Promise<T>;

/**
 * Runs scenes at the same time, for they mostly wait, each as often as the rounds say; those given as `once` count their
 * rounds themselves. What the last round of each told; fails, when all have ended, with what each that failed has to say.
 */
export async function allOf<T>(scenes: readonly Scene<T>[], once: readonly Scene<T>[] = []): Promise<T[]> {
  const results = await Promise.allSettled([...scenes.map(repeatedly), ...once.map((scene) => scene())]);
  const errors = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1)
    throw new AggregateError(errors, errors.map((e) => (e instanceof Error ? e.message : String(e))).join('\n\n'));
  return results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
}

async function repeatedly<T>(scene: Scene<T>): Promise<T> {
  for (let round = 1; round < rounds(1); round++) await scene();
  return scene();
}
