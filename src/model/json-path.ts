import { EXIT, GatewayError } from './error.ts';

/** The keys and list positions that lead to a field, outermost first. */
export type JsonPath = readonly string[];

const SEGMENT = /(?:^|(?!^)\.)(?:"([^"]+)"|'([^']+)'|([^."'[\]]+))|\[(\d+)\]/y;

/**
 * Reads a path such as `ENERGY.Power`, `emeters[0].power`, `emeters.0.power` or `"1.8.0"` (quotes around keys that hold
 * dots). Throws a GatewayError for anything else.
 */
export function parseJsonPath(text: string): JsonPath {
  const path = segments(text);
  if (path !== null) return path;
  throw new GatewayError(`"${text}" is not a path into a JSON payload`, {
    hint: 'Write keys with dots between them, such as ENERGY.Power, emeters[0].power or "1.8.0".',
    exitCode: EXIT.configuration,
  });
}

export function isJsonPath(text: string): boolean {
  return segments(text) !== null;
}

function segments(text: string): JsonPath | null {
  const path: string[] = [];
  SEGMENT.lastIndex = 0;
  while (SEGMENT.lastIndex < text.length) {
    const match = SEGMENT.exec(text);
    if (match === null) return null;
    path.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  }
  return path.length === 0 ? null : path;
}
