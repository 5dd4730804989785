import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { issuesOf, load, mqttSourceOf } from '../../support/configuration.ts';
import { ROOT } from '../../support/source-tree.ts';

const TOKEN = `dt0c01.${'A'.repeat(24)}.${'B'.repeat(64)}`;
/** The file of an existing installation, as its README has it. */
const EXISTING = `# Dynatrace
TENANT_HOST=abc12345.live.dynatrace.com
API_TOKEN=${TOKEN}

# MQTT
MQTT_PORT=1883
MQTT_USER=smartmeter
MQTT_PASSWORD=old#pass word
MQTT_CLIENT_ID=dynatrace-amis-ingest-worker
MQTT_TOPIC=amis/data

DT_ONEAGENT_URL=https://abc12345.live.dynatrace.com/api/v1/deployment/installer/agent/unix/default/latest?Api-Token=${TOKEN}&arch=arm
`;

describe("the existing installation's .env", () => {
  it('works unchanged where compose names the broker', () => {
    const config = load({ files: { '.env': EXISTING }, env: { MQTT_BROKER: 'mosquitto' } });
    expect(config.sources).toMatchObject([
      {
        name: 'meter',
        url: 'mqtt://mosquitto:1883',
        username: 'smartmeter',
        clientId: 'dynatrace-amis-ingest-worker',
        topics: ['amis/data'],
        profile: { name: 'amis', data: null },
        device: 'grid-meter',
      },
    ]);
    expect(config.sinks).toMatchObject([
      { name: 'dynatrace', url: 'https://abc12345.live.dynatrace.com', late: 'bizevents' },
    ]);
    expect(mqttSourceOf(config).password?.reveal()).toBe('old#pass word');
    expect(config.sinks[0]?.token.reveal()).toBe(TOKEN);
    expect(config.warnings).toEqual([]);
  });

  it('works as the environment of a container, too', () => {
    const env = {
      TENANT_HOST: 'h',
      API_TOKEN: TOKEN,
      MQTT_BROKER: 'mosquitto',
      MQTT_TOPIC: 'a',
      MQTT_USER: '',
      MQTT_PASSWORD: '',
    };
    const config = load({ env });
    const { url, username, password } = mqttSourceOf(config);
    expect([url, username, password, config.sinks.length]).toEqual(['mqtt://mosquitto:1883', null, null, 1]);
  });

  it('says that the broker is missing where compose does not supply it', () => {
    expect(issuesOf({ files: { '.env': EXISTING } })).toEqual([
      'MQTT_BROKER: MQTT_TOPIC is set, but not where the broker is (under compose: mosquitto; on this machine: 127.0.0.1)',
    ]);
  });

  it('takes the real environment before the file', () => {
    const env = { MQTT_BROKER: 'other', MQTT_PORT: '1884' };
    expect(load({ files: { '.env': EXISTING }, env }).sources[0]?.url).toBe('mqtt://other:1884');
  });

  it('adds nothing beside a source whose type is misspelt, which is the only thing wrong', () => {
    const files = { 'gateway.yaml': 'sources:\n  - { type: mqt, url: "mqtt://broker", topics: [a/b] }\n' };
    const issues = issuesOf({ files, env: { MQTT_BROKER: '127.0.0.1' } });
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain('"mqt"');
  });

  it('yields to what the file declares of the same type, and adds the rest', () => {
    const sink = {
      '.env': EXISTING,
      'gateway.yaml': 'sinks: [{ type: dynatrace, url: "https://mine", token: my-token }]',
    };
    expect(load({ files: sink, env: { MQTT_BROKER: 'b' } })).toMatchObject({
      sources: [{ url: 'mqtt://b:1883' }],
      sinks: [{ url: 'https://mine' }],
    });
    const source = { '.env': EXISTING, 'gateway.yaml': 'sources: [{ type: mqtt, url: "mqtt://mine", topics: [x] }]' };
    expect(load({ files: source })).toMatchObject({
      sources: [{ url: 'mqtt://mine:1883' }],
      sinks: [{ url: 'https://abc12345.live.dynatrace.com' }],
    });
  });

  it('is what the example shows: only the token is left to fill in', () => {
    const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
    expect(issuesOf({ files: { '.env': example }, env: { MQTT_BROKER: 'b' } })).toEqual([
      'API_TOKEN: expected a token without blanks or special characters; is it still the example?',
    ]);
  });
});

describe('the variables', () => {
  const sinkUrl = (env: Record<string, string>): string | undefined =>
    load({ env: { API_TOKEN: TOKEN, ...env } }).sinks[0]?.url;

  it('name the tenant by its host, also when it was copied with its scheme, or is an ActiveGate', () => {
    expect(sinkUrl({ TENANT_HOST: 'h.live.dynatrace.com' })).toBe('https://h.live.dynatrace.com');
    expect(sinkUrl({ TENANT_HOST: ' https://h.live.dynatrace.com/ ' })).toBe('https://h.live.dynatrace.com');
    expect(sinkUrl({ TENANT_HOST: '10.0.0.9:9999/e/env-id' })).toBe('https://10.0.0.9:9999/e/env-id');
  });

  it('take DYNATRACE_URL before TENANT_HOST', () => {
    expect(sinkUrl({ TENANT_HOST: 'h', DYNATRACE_URL: 'http://127.0.0.1:18080' })).toBe('http://127.0.0.1:18080');
  });

  it.each([
    [{ TENANT_HOST: 'h' }, ['API_TOKEN: TENANT_HOST is set, but no access token (or API_TOKEN_FILE)']],
    [{ DYNATRACE_URL: 'https://h' }, ['API_TOKEN: DYNATRACE_URL is set, but no access token (or API_TOKEN_FILE)']],
    [
      { API_TOKEN: TOKEN },
      [
        'TENANT_HOST: API_TOKEN is set, but no tenant: expected a host such as abc12345.live.dynatrace.com (or DYNATRACE_URL)',
      ],
    ],
    [
      { API_TOKEN: TOKEN, TENANT_HOST: 'http://h' },
      ['TENANT_HOST: the tenant is reached with https; for a plain http address use DYNATRACE_URL'],
    ],
    [
      { API_TOKEN: TOKEN, TENANT_HOST: 'h/api/v2/metrics/ingest' },
      [
        'TENANT_HOST: expected the address without the path of the API: https://h, received "https://h/api/v2/metrics/ingest"',
      ],
    ],
    [{ MQTT_BROKER: 'b' }, ['MQTT_TOPIC: expected topic filters such as [smartmeter/data]']],
    [{ MQTT_BROKER: 'b', MQTT_TOPIC: 'a/#/b' }, [expect.stringMatching(/^MQTT_TOPIC: expected a topic filter/)]],
    [
      { MQTT_BROKER: 'b', MQTT_TOPIC: 'a', MQTT_PORT: '70000' },
      ['MQTT_PORT: expected a port from 1 to 65535, received "70000"'],
    ],
    [
      { MQTT_BROKER: 'b', MQTT_TOPIC: 'a', MQTT_PASSWORD: 'only-this' },
      ['MQTT_USER: expected a user name beside the password'],
    ],
    [{ MQTT_BROKER: 'bad host', MQTT_TOPIC: 'a' }, [expect.stringMatching(/^MQTT_BROKER: expected mqtt:/)]],
  ])('%j: %j', (env, expected) => {
    expect(issuesOf({ env })).toEqual(expected);
  });

  it.each([
    ['b', undefined, 'mqtt://b:1883'],
    ['fd00::1', '1884', 'mqtt://[fd00::1]:1884'],
    ['mqtts://b', undefined, 'mqtts://b:8883'],
    ['mqtt://b:1', '2', 'mqtt://b:1'],
    ['embedded://127.0.0.1', '1884', 'embedded://127.0.0.1:1884'],
  ])('name the broker %s on port %s as %s', (broker, port, url) => {
    expect(load({ env: { MQTT_BROKER: broker, MQTT_PORT: port, MQTT_TOPIC: 'a' } }).sources[0]?.url).toBe(url);
  });
});
