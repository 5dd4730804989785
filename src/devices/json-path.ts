import { EXIT, GatewayError } from '../model/error.ts';
import type { Json } from './profile.ts';

/** The keys and list positions that lead to a field, outermost first. */
export type JsonPath = readonly string[];

const SEGMENT = /(?:^|(?!^)\.)(?:"([^"]+)"|'([^']+)'|([^."'[\]]+))|\[(\d+)\]/y;

/**
 * Reads a path such as `ENERGY.Power`, `emeters[0].power`, `emeters.0.power` or `"1.8.0"` (quotes around keys that hold
 * dots). Throws a GatewayError for anything else.
 */
export function parseJsonPath(text: string): JsonPath {
  const path: string[] = [];
  SEGMENT.lastIndex = 0;
  while (SEGMENT.lastIndex < text.length) {
    const match = SEGMENT.exec(text);
    if (match === null) throw notAPath(text);
    path.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  }
  if (path.length === 0) throw notAPath(text);
  return path;
}

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

function notAPath(text: string): GatewayError {
  return new GatewayError(`"${text}" is not a path into a JSON payload`, {
    hint: 'Write keys with dots between them, such as ENERGY.Power, emeters[0].power or "1.8.0".',
    exitCode: EXIT.configuration,
  });
}
