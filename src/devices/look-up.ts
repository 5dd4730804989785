import type { JsonPath } from '../model/json-path.ts';
import type { Json } from './profile.ts';

/** What the path leads to among the payload's own keys; undefined when there is nothing. */
export function lookUp(payload: Json, path: JsonPath): Json | undefined {
  let at: Json = payload;
  for (const segment of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined;
    // A list's own `length` is no field of the payload.
    if (Array.isArray(at) && !/^\d+$/.test(segment)) return undefined;
    const next: Json | undefined = (at as { readonly [key: string]: Json })[segment];
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}
