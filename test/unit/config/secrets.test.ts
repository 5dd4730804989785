import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/config/redact.ts';
import { maskSecrets } from '../../../src/platform/secret.ts';
import { issuesOf, load, yaml, mqttSourceOf } from '../../support/configuration.ts';
import { tempDir } from '../../support/temp-dir.ts';

const FILES = { password: 'from-file\n', token: 'token-from-file\n' };
const LOGIN = 'url: mqtt://b\ntopics: [x]\nusername: u';

describe('a secret', () => {
  it('may come from a file that a key names', () => {
    const files = { ...FILES, ...yaml(`${LOGIN}\npasswordFile: password`).files };
    expect(mqttSourceOf(load({ files })).password?.reveal()).toBe('from-file');
  });

  it('may come from a file that a variable names, for the known variables and for any in the file', () => {
    const env = {
      TENANT_HOST: 'h',
      API_TOKEN_FILE: 'token',
      MQTT_BROKER: 'b',
      MQTT_TOPIC: 'x',
      MQTT_USER: 'u',
      MQTT_PASSWORD_FILE: 'password',
    };
    const config = load({ files: FILES, env });
    expect([mqttSourceOf(config).password?.reveal(), config.sinks[0]?.token.reveal()]).toEqual([
      'from-file',
      'token-from-file',
    ]);
    const machine = yaml(`${LOGIN}\npassword: \${BROKER_PW}`);
    expect(
      mqttSourceOf(
        load({ files: { ...FILES, ...machine.files }, env: { BROKER_PW_FILE: 'password' } }),
      ).password?.reveal(),
    ).toBe('from-file');
  });

  it('of a file is read anew, so that a new one works without a restart', () => {
    const cwd = tempDir();
    const token = load({ files: FILES, env: { TENANT_HOST: 'h', API_TOKEN_FILE: 'token' } }, cwd).sinks[0]?.token;
    writeFileSync(join(cwd, 'token'), 'second-token');
    expect([token?.changed(), token?.reveal()]).toEqual([true, 'second-token']);
  });

  it('given twice is an issue, because nobody can know which one counts', () => {
    const twice = { TENANT_HOST: 'h', API_TOKEN: 'one-token', API_TOKEN_FILE: 'token' };
    expect(issuesOf({ files: FILES, env: twice })).toEqual([
      'API_TOKEN: both API_TOKEN and API_TOKEN_FILE are set; set one of them',
    ]);
    expect(issuesOf({ ...yaml(`${LOGIN}\npassword: \${P}`), env: { P: 'a', P_FILE: 'b' } })[0]).toBe(
      'sources[0].password: both P and P_FILE are set; set one of them',
    );
    expect(issuesOf(yaml(`${LOGIN}\npassword: aaaa\npasswordFile: b`))).toEqual([
      'sources[0].passwordFile: both password and passwordFile are set; set one of them, received "b"',
    ]);
  });

  it('must be there', () => {
    const env = { TENANT_HOST: 'h', API_TOKEN_FILE: 'missing' };
    expect(issuesOf({ env })).toEqual(['API_TOKEN_FILE: The secret file ./missing cannot be read: ENOENT']);
    expect(issuesOf({ env, files: { missing: '\n' } })).toEqual(['API_TOKEN_FILE: the secret file ./missing is empty']);
    expect(issuesOf({ env: { TENANT_HOST: 'h', API_TOKEN: 'two words' } })).toEqual([
      'API_TOKEN: expected a token without blanks or special characters; is it still the example?',
    ]);
  });

  it('is in no message, whatever it was written into', () => {
    const word = 'correct-horse';
    const env = { API_TOKEN: word, WORD: word, MY_SECRET: word };
    const places = [
      `sources: [{ type: mqtt, url: 'mqtt://u:${word}@b', topics: [x] }]`,
      `sources: [{ type: mqtt, url: mqtt://b, topics: [x], pasword: ${word} }]`,
      `sources: [{ type: mqtt, url: mqtt://b, topics: [x], password: [${word}] }]`,
      `sources: [{ type: mqtt, url: 'mqtt://\${MY_SECRET}', topics: [x] }]`,
      `sources: { password: ${word} }`,
      `sinks: { token: ${word} }`,
      `sinks: ${word}\ntoken: ${word}`,
      `sinks: [{ type: dynatrace, url: '\${API_TOKEN}', token: x }]`,
      `sinks: [{ type: dynatrace, url: 'https://h/?api-token=${word}', token: ${word} }]`,
      `queue: { ttl: '\${MY_SECRET}' }`,
      `dimensions: { token: ${word}, Api: '\${API_TOKEN}' }`,
      `log: { level: ${word} }\nmqttPassword: ${word}`,
      `token: "${word}`,
      `- token: ${word}`,
    ];
    for (const text of places) {
      const issues = issuesOf({ files: { 'gateway.yaml': text }, env });
      expect({ text, issues: issues.length > 0, shown: issues.join('\n').includes(word) }).toEqual({
        text,
        issues: true,
        shown: false,
      });
    }
  });

  it('is not the folder that PWD names', () => {
    const file = { 'gateway.yaml': 'dataDir: ${PWD}/queue' };
    load({ files: file, env: { PWD: '/home/somebody-at-home' } });
    expect(maskSecrets('/home/somebody-at-home/queue')).toBe('/home/somebody-at-home/queue');
  });

  it('is shown neither by the printable form nor by inspecting the configuration', () => {
    const machine = yaml(`${LOGIN}\npassword: correct-horse`);
    const config = load(machine);
    for (const text of [
      redact(config),
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      String(config.sinks[0]?.token),
    ]) {
      expect(text).not.toContain('correct-horse');
      expect(text).not.toContain('a-token');
    }
  });
});

describe('the printable form', () => {
  it('says which variable a value is from, and whether that is of .env', () => {
    const env = ['MQTT_BROKER=broker', 'MQTT_TOPIC=amis/#', 'MQTT_USER=meter', 'MQTT_PASSWORD=correct-horse'];
    const files = { '.env': [...env, 'GATEWAY_QUEUE_LINGER=5s', 'GATEWAY_LOG_LEVEL=debug'].join('\n') };
    const text = redact(load({ files, env: { GATEWAY_LOG_LEVEL: 'warn', MQTT_USER: 'meter' } }));
    for (const line of [
      'linger: 5s # GATEWAY_QUEUE_LINGER, .env',
      'level: warn # GATEWAY_LOG_LEVEL, the environment',
      'url: mqtt://broker:1883 # MQTT_BROKER, .env',
      '- amis/# # MQTT_TOPIC, .env',
      // systemd gives the same file to the service as its environment.
      'username: meter # MQTT_USER, .env',
      'password: "*** (the configuration)" # MQTT_PASSWORD, .env',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).toMatch(/clientId: gateway-pi-meter$/m);
  });

  it('is a gateway.yaml with every default filled in, and says where secrets come from', () => {
    const cwd = tempDir();
    const config = load(
      {
        files: { ...FILES, ...yaml(`${LOGIN}\npasswordFile: password`, 'resolution: raw').files },
        env: { GATEWAY_DATA_DIR: '/data', GATEWAY_QUEUE_BUDGET: '1000MB' },
      },
      cwd,
    );
    expect(redact(config).replaceAll(cwd, '.')).toBe(
      `
dataDir: /data # GATEWAY_DATA_DIR, the environment
dimensions: {}
queue:
  linger: 1s
  ttl: 1d
  retention: 7d
  budget: 1GB # GATEWAY_QUEUE_BUDGET, the environment
  minFreeDisk: 200MiB
safeMode: true
log:
  level: info
sources:
  - type: mqtt
    name: meter
    url: mqtt://b:1883
    protocol: auto
    clientId: gateway-pi-meter
    username: u
    password: "*** (./password)"
    topics:
      - x
    profile: amis
    device: grid-meter
    quantities: default
    saldo: import
    trustTime:
      behind: 1d
      ahead: 2m
    silentAfter: 5m
sinks:
  - type: dynatrace
    name: dynatrace
    url: https://abc12345.live.dynatrace.com
    token: "*** (the configuration)"
    resolution: raw
    flush: 10s
    late: bizevents
    backfill: false
    insecureSkipVerify: false
`.trimStart(),
    );
  });
});
