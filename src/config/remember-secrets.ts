import { Secret } from '../platform/secret.ts';
import type { Environment } from './environment.ts';
import { isSecretKey } from './issue.ts';

/** Makes every secret known before any text is made, also those that a mistake put where none belongs. */
export function rememberSecrets(document: unknown, environment: Environment, used: ReadonlySet<string>): void {
  walk(document, '');
  // The installer's URL has a token in it.
  remember(environment.get('DT_ONEAGENT_URL'));
  for (const name of ['API_TOKEN', 'MQTT_PASSWORD', ...used]) if (isSecretKey(name)) remember(environment.get(name));
}

function walk(value: unknown, key: string): void {
  if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) walk(inner, name);
  else if (isSecretKey(key)) remember(value);
}

function remember(value: unknown): void {
  if (typeof value === 'string' && value !== '') void new Secret({ value });
}
