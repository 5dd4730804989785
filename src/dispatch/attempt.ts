import pRetry from 'p-retry';
import type { ItemTexts } from '../model/item-texts.ts';
import type { Outcome, Retry } from '../model/outcome.ts';
import type { MonoMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { Route, SendOptions } from '../sinks/sink.ts';

export interface Attempted {
  readonly outcome: Outcome;
  /** When the request that was answered was sent, and when its answer was there. */
  readonly sentMono: MonoMs;
  readonly receivedMono: MonoMs;
}

class StaleConnection extends Error {
  readonly attempted: Attempted & { readonly outcome: Retry };

  constructor(attempted: Attempted & { readonly outcome: Retry }) {
    super(attempted.outcome.message);
    this.attempted = attempted;
  }
}

/**
 * One attempt of a route. A kept connection that turns out to be closed says nothing about the server: such a request is sent
 * once more, at once. Bytes of both are counted.
 */
export async function attempt(
  route: Route,
  texts: ItemTexts,
  options: SendOptions,
  clock: Pick<Clock, 'monoMs'>,
): Promise<Attempted> {
  let wasted = 0;
  const once = async (): Promise<Attempted> => {
    const sentMono = clock.monoMs();
    const sent = await route.send(texts, options);
    const receivedMono = clock.monoMs();
    const outcome = { ...sent, bytesSent: sent.bytesSent + wasted };
    if (outcome.kind === 'retry' && outcome.staleConnection === true && !options.signal.aborted) {
      wasted = outcome.bytesSent;
      throw new StaleConnection({ outcome, sentMono, receivedMono });
    }
    return { outcome, sentMono, receivedMono };
  };
  try {
    return await pRetry(once, {
      retries: 1,
      minTimeout: 0,
      shouldRetry: ({ error }) => error instanceof StaleConnection,
    });
  } catch (error) {
    if (error instanceof StaleConnection) return error.attempted;
    throw error;
  }
}
