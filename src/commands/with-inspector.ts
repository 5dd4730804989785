import type { Inspector } from '../queue/inspector.ts';
import type { CommandContext } from './context.ts';

/** Opens the queue for looking, and closes it whatever happens. */
export async function withInspector<T>(
  context: Pick<CommandContext, 'openInspector'>,
  dataDir: string,
  use: (inspector: Inspector) => Promise<T> | T,
): Promise<T> {
  const inspector = await context.openInspector(dataDir);
  try {
    return await use(inspector);
  } finally {
    inspector.close();
  }
}
