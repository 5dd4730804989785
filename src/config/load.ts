/**
 * gateway.yaml, the environment with `.env`, and secret files become one Config, or one error that lists everything that is
 * wrong. Precedence for a key: `GATEWAY_` variable, then file, then default. Relative paths start at the working directory.
 *
 * Invariant: no text made here contains a secret. It does not look at the network, nor at whether a broker is there.
 */
import type { Config } from './config.ts';
import { readConfigFile } from './config-file.ts';
import { isAwayCredential } from './credentials.ts';
import { Environment, type Variables } from './environment.ts';
import { expand } from './expand.ts';
import { sinkFromEnvironment, sourceFromEnvironment } from './installation.ts';
import { ConfigError, type Issue } from './issue.ts';
import { hasWrittenSecret, rememberSecrets } from './remember-secrets.ts';
import { checkNamedFiles } from './named-files.ts';
import { override } from './overrides.ts';
import { resolveConfig } from './resolve.ts';
import { configSchema } from './schema.ts';
import { checkSchema } from './schema-issues.ts';
import { valueAt } from './schema-walk.ts';
import { siteWarnings } from './site-warnings.ts';
import { duplicateNames } from './unique-names.ts';
import { addressWarnings, secretFileWarnings, sinkWarnings, speedWarnings } from './warnings.ts';

export interface LoadOptions {
  /** `--config`; without it the file is searched. */
  readonly path?: string | undefined;
  readonly env: Variables;
  readonly cwd: string;
  readonly hostname: string;
  /** Searched after the working directory. */
  readonly systemFolder?: string;
  /** For whoever only looks at the queue: systemd takes its credentials away while the service does not run. */
  readonly withoutCredentials?: boolean;
}

/** Of sources and sinks. */
const TYPES = ['mqtt', 'modbus', 'http', 'dynatrace'];

type Document = Readonly<Record<string, unknown>>;

/** With nothing configured: ready for a publisher on this machine, closed to the network. */
const EMBEDDED: Document = { type: 'mqtt', url: 'embedded://127.0.0.1:1883', topics: ['#'] };

/** Throws a ConfigError that lists every issue. */
export function loadConfig(options: LoadOptions): Config {
  const { cwd, env, hostname } = options;
  const environment = new Environment(env, cwd);
  const file = readConfigFile(options.path, cwd, [cwd, options.systemFolder ?? '/etc/gateway']);
  const issues: Issue[] = [...file.issues];

  const expanded = expand(file.document, environment);
  rememberSecrets(expanded.value, environment, expanded.used);
  const overridden = override(expanded.value as Document, environment, expanded.used);
  issues.push(...expanded.issues, ...overridden.issues);

  const origins = new Map(overridden.origins);
  const document = withDeclared(overridden.document, environment, file.issues.length > 0, origins, issues);
  for (const key of ['sources', 'sinks'] as const) issues.push(...duplicateNames(key, listOf(document[key]) ?? []));

  const named = (issue: Issue): Issue => ({ ...issue, where: origins.get(issue.where) ?? issue.where });
  const checked = checkSchema(configSchema, document);
  // A value whose variable is missing is not reported a second time for its form, nor for its file.
  issues.push(...elsewhere(checked.issues.map(named), issues));

  const credentials = environment.get('CREDENTIALS_DIRECTORY');
  const secretFiles: string[] = [];
  if (file.path !== null && hasWrittenSecret(file.document)) secretFiles.push(file.path);
  if (environment.secretFile !== null) secretFiles.push(environment.secretFile);
  const found: Issue[] = [];
  const context = {
    cwd,
    hostname,
    report: (issue: Issue) => found.push(named(issue)),
    secretFile: (path: string) => secretFiles.push(path),
    mayBeAway: (path: string) => options.withoutCredentials === true && isAwayCredential(path, credentials),
  };
  const resolved = checked.document ? resolveConfig(checked.document, context) : null;
  if (resolved === null) checkNamedFiles(document, context);
  issues.push(...elsewhere(found, issues));
  const nothingConfigured = file.path === null && origins.size === 0;
  if (environment.unreadable !== null && (issues.length > 0 || nothingConfigured))
    issues.push({ where: '.env', message: environment.unreadable });
  if (resolved === null || issues.length > 0) throw new ConfigError(file.path ?? 'environment', issues);
  return {
    ...resolved,
    file: file.path,
    origins: originTexts(origins, environment),
    get warnings() {
      return [
        ...addressWarnings(resolved.sinks),
        ...sinkWarnings(resolved.sinks),
        ...speedWarnings(resolved.sources),
        ...siteWarnings(resolved.site, resolved.sources),
        ...secretFileWarnings(secretFiles, credentials),
      ];
    },
  };
}

/** Adds what the environment declares where the file declares none of that type, and the embedded broker where nobody does. */
function withDeclared(
  document: Document,
  environment: Environment,
  unknownFile: boolean,
  origins: Map<string, string>,
  issues: Issue[],
): Document {
  const sources = listOf(document['sources']);
  const sinks = listOf(document['sinks']);
  // What is no list is left for the schema to report; of a file that could not be read nobody knows what it declares.
  if (sources === null || sinks === null || unknownFile) return document;
  const source = sources.some((s) => mayBe(s, 'mqtt')) ? null : sourceFromEnvironment(environment);
  const sink = sinks.some((s) => mayBe(s, 'dynatrace')) ? null : sinkFromEnvironment(environment);
  for (const [key, list, declared] of [
    ['sources', sources, source],
    ['sinks', sinks, sink],
  ] as const) {
    for (const [name, variable] of Object.entries(declared?.origins ?? {}))
      origins.set(`${key}[${list.length}].${name}`, variable);
    issues.push(...(declared?.issues ?? []));
    if (declared?.document) list.push(declared.document);
  }
  return { ...document, sources: sources.length === 0 ? [EMBEDDED] : sources, sinks };
}

/** Of the variables that are set; what may be set is known of more. */
function originTexts(origins: ReadonlyMap<string, string>, environment: Environment): ReadonlyMap<string, string> {
  const set = [...origins].filter(([, name]) => environment.get(name) !== undefined);
  return new Map(set.map(([key, name]) => [key, `${name}, ${environment.placeOf(name)}`]));
}

/** The issues found where none is known yet. */
function elsewhere(found: readonly Issue[], known: readonly Issue[]): Issue[] {
  const places = new Set(known.map(({ where }) => where));
  return found.filter(({ where }) => !places.has(where));
}

/** A copy; empty when absent, null when it is no list. */
function listOf(value: unknown): unknown[] | null {
  if (value === undefined) return [];
  return Array.isArray(value) ? [...(value as readonly unknown[])] : null;
}

/** A type nobody knows is a misspelt one: what the variables describe would only be reported as a second, wrong, declaration. */
function mayBe(value: unknown, type: string): boolean {
  const declared = valueAt(value, ['type']);
  return declared === type || !TYPES.some((known) => known === declared);
}
