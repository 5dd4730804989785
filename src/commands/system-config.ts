import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';

/** The configuration of this process's environment and working directory. Throws a GatewayError that lists every problem. */
export function loadSystemConfig(
  path: string | undefined,
  { withoutCredentials = false }: { readonly withoutCredentials?: boolean } = {},
): Config {
  return loadConfig({ path, env: process.env, cwd: process.cwd(), hostname: hostname(), withoutCredentials });
}
