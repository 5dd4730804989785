import { join } from 'node:path';
import { Child, cleanEnvironment } from './child.ts';
import type { Stage } from './stage.ts';

/** Runs a process of `limits/` with its argument; what it prints last is its result. */
export async function runLimit<T>(stage: Stage, file: string, argument: object): Promise<T> {
  return resultOf<T>(startLimit(stage, file, argument), file);
}

/** What a process of `limits/` printed last, once it has ended. */
export async function resultOf<T>(child: Child, file: string): Promise<T> {
  const code = await child.end();
  if (code !== 0) throw new Error(`${file} ended with ${code}:\n${child.output}`);
  return JSON.parse(child.output.slice(child.output.lastIndexOf('\n') + 1)) as T;
}

/** The same, for whoever does something meanwhile. */
export function startLimit(stage: Stage, file: string, argument: object, env = cleanEnvironment()): Child {
  const args = [join(import.meta.dirname, 'limits', `${file}-process.ts`), JSON.stringify(argument)];
  return Child.start(stage, { name: file, command: process.execPath, args, env });
}
