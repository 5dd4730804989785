import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Answer = Parameters<LookupFunction>[2];

/**
 * A `lookup` for sockets that asks for a name once, however many wait for the answer. While DNS does not answer, each question
 * takes a thread for ten seconds, longer than whoever asked waits for it: without sharing they would pile up for hours.
 */
export function shareLookups(lookup: LookupFunction): LookupFunction {
  const waiting = new Map<string, Answer[]>();
  return (hostname, options, answer) => {
    const question = `${hostname} ${JSON.stringify(options)}`;
    const others = waiting.get(question);
    if (others !== undefined) {
      others.push(answer);
      return;
    }
    const all = [answer];
    waiting.set(question, all);
    lookup(
      hostname,
      options,
      (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => {
        waiting.delete(question);
        for (const tell of all) tell(error, address, family);
      },
    );
  };
}

/** The one that all connections of the process share. */
export const sharedLookup: LookupFunction = shareLookups(systemLookup);
