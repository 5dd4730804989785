import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeFailure } from '../../../src/commands/failure.ts';
import { redact } from '../../../src/config/redact.ts';
import { load, type Machine } from '../../support/configuration.ts';
import { anyPassword, anyToken, shownIn } from '../../support/secret-shapes.ts';
import { tempDir } from '../../support/temp-dir.ts';

interface Secrets {
  readonly password: string;
  readonly token: string;
}

/** As it stands in a JSON string, which is YAML too; `${` is not asked of the environment. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${');
}

/** Every way to configure a secret, with and without a mistake beside it that has to be complained about. */
const WAYS: Readonly<Record<string, (secrets: Secrets) => Machine>> = {
  values: ({ password, token }) => machine(`password: ${quoted(password)}`, `token: ${quoted(token)}`),
  files: ({ password, token }) => machine('passwordFile: p', 'tokenFile: t', { p: `${password}\n`, t: token }),
  variables: ({ password, token }) => ({
    ...machine('password: ${BROKER_PW}', 'token: ${DT_TOKEN}'),
    env: { BROKER_PW: password, DT_TOKEN: token },
  }),
  'variables of files': ({ password, token }) => ({
    ...machine('password: ${BROKER_PW}', 'token: ${DT_TOKEN}', { p: password, t: `${token}\n` }),
    env: { BROKER_PW_FILE: 'p', DT_TOKEN_FILE: 't' },
  }),
  "the old script's variables": ({ password, token }) => ({
    env: {
      TENANT_HOST: 'host',
      API_TOKEN: token,
      MQTT_BROKER: 'b',
      MQTT_TOPIC: 'x',
      MQTT_USER: 'u',
      MQTT_PASSWORD: password,
    },
  }),
  'an address': ({ password, token }) =>
    machine(
      `password: x, url: ${quoted(`mqtt://user:${password}@broker`)}`,
      `url: ${quoted(`https://${token}@h`)}, token: x`,
    ),
  "variables' addresses": ({ password, token }) => ({
    env: { MQTT_BROKER: `u:${password}@b`, MQTT_TOPIC: 'x', DYNATRACE_URL: `https://u:${token}@h`, API_TOKEN: token },
  }),
  'a long address that is cut': ({ password, token }) => ({
    env: {
      MQTT_BROKER: `mqtt://${'u'.repeat(60)}:${password}@b`,
      MQTT_TOPIC: 'x',
      DYNATRACE_URL: `https://${'h'.repeat(60)}/?api-token=${token}`,
      API_TOKEN: token,
    },
  }),
  'keys where none belongs': ({ password, token }) => ({
    files: {
      'gateway.yaml': `
password: ${quoted(password)}
log: { level: ${quoted(token)} }
dimensions: { token: ${quoted(token)}, a: ${quoted(`${'.'.repeat(300)}${password}`)} }
queue: { ttl: ${quoted(password)}, budget: ${quoted(token)} }
`,
    },
  }),
};

function machine(source: string, sink: string, files: Readonly<Record<string, string>> = {}): Machine {
  const text = `
sources: [{ type: mqtt, url: mqtt://b, topics: [x], username: u, ${source} }]
sinks: [{ type: dynatrace, url: "https://host", ${sink} }]`;
  const repeated = /, url: /.test(source)
    ? text.replace('url: mqtt://b, ', '').replace('url: "https://host", ', '')
    : text;
  return { files: { ...files, 'gateway.yaml': repeated } };
}

function withMistakes({ files = {}, env = {} }: Machine): Machine {
  const yaml = files['gateway.yaml'];
  const changed = yaml === undefined ? {} : { 'gateway.yaml': `${yaml}\nlog: { level: loud }\n` };
  return { files: { ...files, ...changed }, env: { ...env, GATEWAY_QUEUE_TTL: 'long', GATEWAY_TOKN: 'x' } };
}

it.each(Object.entries(WAYS))('a secret given by %s is in no text about the configuration', (_, way) => {
  const cwd = tempDir();
  let said = 0;
  fc.assert(
    fc.property(anyPassword, anyToken, fc.boolean(), (password, token, prefixed) => {
      const secrets = { password: prefixed ? `${token}${password}` : password, token };
      for (const given of [way(secrets), withMistakes(way(secrets))]) {
        const text = textsAbout(given, join(cwd, String(said++)));
        expect({ given, shown: shownIn(text, Object.values(secrets)) }).toEqual({ given, shown: [] });
      }
    }),
    { numRuns: 25 },
  );
  expect(said).toBeGreaterThan(0);
});

/** What a person could see of a machine's configuration: it in force, or the error, by every way it could be printed. */
function textsAbout(given: Machine, cwd: string): string {
  try {
    const config = load({ ...given, files: { '.keep': '', ...given.files } }, cwd);
    return [redact(config), JSON.stringify(config), inspect(config, { depth: 9 }), inspect(config.warnings)].join('\n');
  } catch (error) {
    const failures = [true, false].map((json) => describeFailure(error, { json, version: '1' }).text);
    return [...failures, String(error), error instanceof Error ? (error.stack ?? '') : ''].join('\n');
  }
}
