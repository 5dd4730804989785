import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Environment, quoteHashes } from '../../../src/config/environment.ts';
import { issuesOf, load, yaml, mqttSourceOf } from '../../support/configuration.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('.env', () => {
  it.each([
    ['A=amis/#', 'amis/#'],
    ['A=#', '#'],
    ['A=ab#cd', 'ab#cd'],
    ['A = ab#cd # why', 'ab#cd'],
    ['A=ab # why', 'ab'],
    ['A= # nothing', ''],
    ['export A=x#y', 'x#y'],
    ["A=it's#1", "it's#1"],
    ['A="x#y" # why', 'x#y'],
    ["A='x # y'", 'x # y'],
    ['# A=no\nA=yes#', 'yes#'],
    ['A=x#y\r\nB=z', 'x#y'],
  ])('%j means what it means to python-dotenv and compose: %j', (text, expected) => {
    expect(parseEnv(quoteHashes(text))['A']).toBe(expected);
  });

  it('that cannot be read is left out where the environment has what is needed, and named where it has not', () => {
    const cwd = tempDir();
    // A folder, because root may read any file.
    mkdirSync(join(cwd, '.env'));
    expect(mqttSourceOf(load({ env: { MQTT_BROKER: 'b', MQTT_TOPIC: 'x' } }, cwd)).topics).toEqual(['x']);
    expect(() => load({}, cwd)).toThrow(/\.env: .* cannot be read: EISDIR/);
    expect(() => load({ env: { MQTT_BROKER: 'b' } }, cwd)).toThrow(/MQTT_TOPIC.*\n.*cannot be read: EISDIR/);
  });

  it('yields to the real environment, and an empty variable is none', () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, '.env'), 'A=file\nB=file\nC=');
    const environment = new Environment({ A: 'real', B: '' }, cwd);
    expect(['A', 'B', 'C'].map((name) => environment.get(name))).toEqual(['real', undefined, undefined]);
    expect(environment.names()).toEqual(['A']);
  });
});

describe('${NAME} in a value', () => {
  it('stands for the variable, also within text and in lists', () => {
    const machine = yaml('url: mqtt://${HOST}:${PORT}\ntopics: ["${BASE}/data", "$${BASE}"]');
    const env = { HOST: 'broker', PORT: '1884', BASE: 'amis' };
    expect(load({ ...machine, env }).sources[0]).toMatchObject({
      url: 'mqtt://broker:1884',
      topics: ['amis/data', '${BASE}'],
    });
  });

  it('may come from .env', () => {
    const { files } = yaml('url: mqtt://${HOST}\ntopics: [x]');
    expect(mqttSourceOf(load({ files: { ...files, '.env': 'HOST=there' } })).host).toBe('there');
  });

  it('must be set, and be nothing but a name', () => {
    expect(issuesOf(yaml('url: mqtt://${HOST}\ntopics: ["${BASE:-x}"]'))).toEqual([
      'sources[0].url: the environment has no HOST',
      'sources[0].topics[0]: expected a plain ${NAME}; write $${ for the characters themselves',
    ]);
  });
});

describe('GATEWAY_ variables', () => {
  it('override the keys of the file', () => {
    const files = { 'gateway.yaml': 'queue: { linger: 2s, ttl: 1h }\ndataDir: ./x' };
    const env = {
      GATEWAY_QUEUE_LINGER: '5s',
      GATEWAY_DATA_DIR: '/data',
      GATEWAY_LOG_LEVEL: 'debug',
      GATEWAY_QUEUE_MIN_FREE_DISK: '1MB',
    };
    expect(load({ files, env })).toMatchObject({
      dataDir: '/data',
      queue: { lingerMs: 5_000, ttlMs: 3_600_000, minFreeDiskBytes: 1e6 },
      log: { level: 'debug' },
    });
  });

  it('are named when their value is wrong', () => {
    expect(issuesOf({ env: { GATEWAY_QUEUE_LINGER: '5' } })).toEqual([
      'GATEWAY_QUEUE_LINGER: expected a duration such as 250ms, 10s, 55m, 24h or 7d, received "5"',
    ]);
    expect(issuesOf({ env: { GATEWAY_QUEUE_LINGER: '5m' } })).toEqual([
      'GATEWAY_QUEUE_LINGER: expected between 10ms and 30s, received "5m"',
    ]);
  });

  it('that no key answers to are refused, except those of others', () => {
    expect(issuesOf({ env: { GATEWAY_QUEUE_TLL: '1h', GATEWAY_SINKS: 'x' } })).toEqual([
      'GATEWAY_QUEUE_TLL: unknown variable; did you mean GATEWAY_QUEUE_TTL?',
      'GATEWAY_SINKS: unknown variable',
    ]);
    const kubernetes = {
      GATEWAY_SERVICE_HOST: '10.0.0.1',
      GATEWAY_PORT: 'tcp://10.0.0.1:1883',
      GATEWAY_PORT_1883_TCP: 'x',
    };
    expect(issuesOf({ env: kubernetes })).toEqual([]);
    const asked = yaml('url: mqtt://${GATEWAY_BROKER}\ntopics: [x]');
    expect(issuesOf({ ...asked, env: { GATEWAY_BROKER: 'b' } })).toEqual([]);
  });
});
