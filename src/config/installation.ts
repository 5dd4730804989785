/**
 * The variables of the script that people already run: its `.env` works unchanged. They make the source `meter` and the sink
 * `dynatrace`, as documents like those of gateway.yaml, where the file declares none of that type.
 */
import type { Environment } from './environment.ts';
import type { Issue } from './issue.ts';

export interface VariableDescription {
  readonly name: string;
  readonly description: string;
}

export const VARIABLES: readonly VariableDescription[] = [
  { name: 'TENANT_HOST', description: 'Host of the Dynatrace environment, such as `abc12345.live.dynatrace.com`' },
  {
    name: 'DYNATRACE_URL',
    description: 'Base URL instead of `TENANT_HOST`, such as `https://host:9999/e/<environment-id>`',
  },
  { name: 'API_TOKEN', description: 'Access token; or `API_TOKEN_FILE`, a file that holds it' },
  { name: 'MQTT_BROKER', description: 'Host of the broker; compose sets it to `mosquitto`' },
  { name: 'MQTT_PORT', description: 'Its port (default 1883)' },
  { name: 'MQTT_USER', description: "The broker's user" },
  { name: 'MQTT_PASSWORD', description: 'Password; or `MQTT_PASSWORD_FILE`, a file that holds it' },
  { name: 'MQTT_CLIENT_ID', description: 'Client id (default `gateway-<hostname>-meter`)' },
  { name: 'MQTT_TOPIC', description: 'Topic filter, such as `amis/data`' },
  { name: 'DT_ONEAGENT_URL', description: 'Only for the OneAgent container; the gateway does not use it' },
];

export interface Declared {
  /** Null when the environment declares none. */
  readonly document: Readonly<Record<string, unknown>> | null;
  /** Variable by the key it set, for messages. */
  readonly origins: Readonly<Record<string, string>>;
  readonly issues: readonly Issue[];
}

const NOTHING: Declared = { document: null, origins: {}, issues: [] };

export function sourceFromEnvironment(environment: Environment): Declared {
  const broker = environment.get('MQTT_BROKER');
  const topic = environment.get('MQTT_TOPIC');
  if (broker === undefined && topic === undefined) return NOTHING;
  if (broker === undefined) {
    const message =
      'MQTT_TOPIC is set, but not where the broker is (under compose: mosquitto; on this machine: 127.0.0.1)';
    return { ...NOTHING, issues: [{ where: 'MQTT_BROKER', message }] };
  }
  const password = secret(environment, 'MQTT_PASSWORD', 'password');
  const port = environment.get('MQTT_PORT');
  const badPort = port !== undefined && !isPort(port);
  const document = {
    type: 'mqtt',
    url: brokerUrl(broker, badPort ? undefined : port),
    username: environment.get('MQTT_USER'),
    ...password.keys,
    clientId: environment.get('MQTT_CLIENT_ID'),
    topics: topic === undefined ? undefined : [topic],
  };
  const issues = badPort ? [{ where: 'MQTT_PORT', message: 'expected a port from 1 to 65535', received: port }] : [];
  return {
    document: present(document),
    origins: {
      url: 'MQTT_BROKER',
      username: 'MQTT_USER',
      password: 'MQTT_PASSWORD',
      passwordFile: 'MQTT_PASSWORD_FILE',
      clientId: 'MQTT_CLIENT_ID',
      topics: 'MQTT_TOPIC',
      'topics[0]': 'MQTT_TOPIC',
    },
    issues: [...issues, ...password.issues],
  };
}

export function sinkFromEnvironment(environment: Environment): Declared {
  const host = environment.get('TENANT_HOST')?.trim();
  const fullUrl = environment.get('DYNATRACE_URL');
  const token = secret(environment, 'API_TOKEN', 'token');
  const hasToken = Object.keys(token.keys).length > 0;
  const url = fullUrl ?? (host === undefined ? undefined : tenantUrl(host));
  if (url === undefined && !hasToken) return NOTHING;
  const from = fullUrl === undefined ? 'TENANT_HOST' : 'DYNATRACE_URL';
  const issues: Issue[] = [...token.issues];
  if (url === undefined) {
    const message =
      'API_TOKEN is set, but no tenant: expected a host such as abc12345.live.dynatrace.com (or DYNATRACE_URL)';
    issues.push({ where: 'TENANT_HOST', message });
  } else if (!hasToken)
    issues.push({ where: 'API_TOKEN', message: `${from} is set, but no access token (or API_TOKEN_FILE)` });
  else if (fullUrl === undefined && /^http:/i.test(url))
    issues.push({
      where: from,
      message: 'the tenant is reached with https; for a plain http address use DYNATRACE_URL',
    });
  if (issues.length > 0) return { ...NOTHING, issues };
  return {
    document: { type: 'dynatrace', url, ...token.keys },
    origins: { url: from, token: 'API_TOKEN', tokenFile: 'API_TOKEN_FILE' },
    issues,
  };
}

/** Copied from a browser it may have a scheme; an ActiveGate's has a port and a path, as the script allowed. */
function tenantUrl(host: string): string {
  return /^https?:\/\//i.test(host) ? host : `https://${host}`;
}

function brokerUrl(broker: string, port: string | undefined): string {
  const url = /^[a-z]+:\/\//i.test(broker) ? broker : `mqtt://${isIpv6(broker) ? `[${broker}]` : broker}`;
  return port === undefined || /:\d+$/.test(url) ? url : `${url}:${port}`;
}

function secret(
  environment: Environment,
  name: string,
  key: string,
): { readonly keys: Readonly<Record<string, string>>; readonly issues: readonly Issue[] } {
  const value = environment.get(name);
  const file = environment.get(`${name}_FILE`);
  if (value !== undefined && file !== undefined)
    return {
      keys: { [`${key}File`]: file },
      issues: [{ where: name, message: `both ${name} and ${name}_FILE are set; set one of them` }],
    };
  return { keys: present({ [key]: value, [`${key}File`]: file }), issues: [] };
}

function present<T>(keys: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(keys).filter((entry): entry is [string, T] => entry[1] !== undefined));
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function isIpv6(host: string): boolean {
  return /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:]*$/i.test(host);
}
