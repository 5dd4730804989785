import { join } from 'node:path';
import { Child } from './child.ts';
import type { Stage } from './stage.ts';

export interface Filling {
  readonly dataDir: string;
  readonly devices: number;
  readonly perDevice: number;
  readonly everySeconds: number;
  /** The newest reading, in seconds since 1970. */
  readonly untilSeconds: number;
}

/** Writes a queue into a data directory, in a process of its own: what it leaves behind must not be measured. */
export async function fillQueue(stage: Stage, filling: Filling): Promise<void> {
  const args = [join(import.meta.dirname, 'fill-queue-process.ts'), JSON.stringify(filling)];
  const total = filling.devices * filling.perDevice;
  const onLine = (line: string): void => {
    const stored = /^stored (\d+)$/.exec(line)?.[1];
    if (stored !== undefined) stage.progress(Number(stored), total, `preparing ${total} readings`);
  };
  const child = Child.start(stage, { name: 'preparation', command: process.execPath, args, onLine });
  const code = await child.end();
  if (code !== 0) throw new Error(`the preparation ended with ${code}:\n${child.output}`);
}
