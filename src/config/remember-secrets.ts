import { Secret } from '../platform/secret.ts';
import { isSecretVariable, type Environment } from './environment.ts';
import { isSecretKey } from './issue.ts';

/** Makes every secret known before any text is made, also those that a mistake put where none belongs. */
export function rememberSecrets(document: unknown, environment: Environment, used: ReadonlySet<string>): void {
  walk(document, '');
  for (const name of ['API_TOKEN', 'MQTT_PASSWORD', 'DT_ONEAGENT_URL', ...used])
    if (isSecretVariable(name)) remember(environment.get(name));
}

/** Whether a secret stands in the file itself, and not only the name of the variable that holds it. */
export function hasWrittenSecret(document: unknown): boolean {
  if (typeof document !== 'object' || document === null) return false;
  return Object.entries(document).some(([key, inner]) =>
    typeof inner === 'string' ? isSecretKey(key) && !/^\$\{\w+\}$/.test(inner) : hasWrittenSecret(inner),
  );
}

function walk(value: unknown, key: string): void {
  if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) walk(inner, name);
  else if (isSecretKey(key)) remember(value);
}

function remember(value: unknown): void {
  if (typeof value === 'string' && value !== '') void new Secret({ value });
}
