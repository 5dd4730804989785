import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../src/model/error.ts';
import { DAY, HOUR, MINUTE } from '../../../src/model/time.ts';
import { ConfigError } from '../../../src/config/issue.ts';
import { issuesOf, load, yaml, mqttSourceOf } from '../../support/configuration.ts';
import { tempDir } from '../../support/temp-dir.ts';

const MQTT = 'url: mqtt://broker\ntopics: [a/b]';

describe('without any configuration', () => {
  it('opens a broker on this machine alone, stores, and sends nothing', () => {
    const cwd = tempDir();
    const config = load({}, cwd);
    expect(config).toMatchObject({
      file: null,
      dataDir: join(cwd, 'data'),
      dimensions: {},
      queue: {
        lingerMs: 1_000,
        ttlMs: DAY,
        retentionMs: 7 * DAY,
        budgetBytes: 512 * 1024 ** 2,
        minFreeDiskBytes: 200 * 1024 ** 2,
      },
      log: { level: 'info' },
      site: null,
      sinks: [],
      warnings: [],
    });
    expect(config.sources).toEqual([
      {
        type: 'mqtt',
        name: 'meter',
        url: 'embedded://127.0.0.1:1883',
        transport: 'embedded',
        host: '127.0.0.1',
        port: 1883,
        protocol: 'auto',
        clientId: 'gateway-pi-meter',
        username: null,
        password: null,
        ca: null,
        fingerprint: null,
        topics: ['#'],
        profile: { name: 'amis', data: null },
        device: 'grid-meter',
        quantities: 'default',
        invert: [],
        saldo: 'import',
        trustTime: { behindMs: DAY, aheadMs: 2 * MINUTE },
        silentAfterMs: 5 * MINUTE,
        fields: {},
        time: null,
      },
    ]);
  });
});

describe('gateway.yaml', () => {
  it('is read from the working directory before the system, and from where --config says before both', () => {
    const files = {
      'gateway.yaml': 'dimensions: { from: here }',
      'etc/gateway.yaml': 'dimensions: { from: system }',
      'other.yaml': 'dimensions: { from: named }',
    };
    const cwd = tempDir();
    expect(load({ files }, cwd)).toMatchObject({ file: join(cwd, 'gateway.yaml'), dimensions: { from: 'here' } });
    expect(load({ files: { 'etc/gateway.yaml': files['etc/gateway.yaml'] } }).dimensions).toEqual({ from: 'system' });
    expect(load({ files, path: 'other.yaml' }).dimensions).toEqual({ from: 'named' });
  });

  it('sets every key', () => {
    const config = load({
      files: {
        'ca.pem': '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n',
        'gateway.yaml': `
dataDir: /srv/gateway
dimensions: { site: home, floor: 2 }
queue: { linger: 250ms, ttl: 48h, retention: 14d, budget: 64MiB, minFreeDisk: 50MB }
log: { level: debug }
sources:
  - type: mqtt
    name: house
    url: mqtts://broker.local
    protocol: 3.1.1
    clientId: mine
    username: user
    password: 'a # b'
    fingerprint: ${Array.from({ length: 32 }, () => 'AB').join(':')}
    topics: [tele/+/SENSOR, '$share/g/x/#']
    profile: json
    device: 'plug-{2}'
    trustTime: { behind: 1h, ahead: 10s }
    silentAfter: 2m
    fields: { power.active.import: { path: ENERGY.Power }, energy.active.import: { path: ENERGY.Total, factor: 1000 } }
    time: { path: Time, unit: iso }
  - { type: mqtt, name: second, url: 'mqtt://10.0.0.2:1884', topics: [x], saldo: export, protocol: 5 }
sinks:
  - type: dynatrace
    name: tenant
    url: https://host:9999/e/env-id/
    token: a-token
    ca: ca.pem
    resolution: raw
    flush: 1s
    late: none
    backfill: true
    insecureSkipVerify: false
`,
      },
    });
    expect(config).toMatchObject({
      dataDir: '/srv/gateway',
      dimensions: { site: 'home', floor: '2' },
      queue: { lingerMs: 250, ttlMs: 48 * HOUR, retentionMs: 14 * DAY, budgetBytes: 67_108_864, minFreeDiskBytes: 5e7 },
      log: { level: 'debug' },
      sources: [
        {
          name: 'house',
          url: 'mqtts://broker.local:8883',
          transport: 'mqtts',
          port: 8883,
          protocol: '3.1.1',
          clientId: 'mine',
          username: 'user',
          fingerprint: 'ab'.repeat(32),
          topics: ['tele/+/SENSOR', '$share/g/x/#'],
          profile: { name: 'json', data: null },
          device: 'plug-{2}',
          trustTime: { behindMs: HOUR, aheadMs: 10_000 },
          silentAfterMs: 2 * MINUTE,
          fields: {
            'power.active.import': { path: 'ENERGY.Power', factor: 1 },
            'energy.active.import': { path: 'ENERGY.Total', factor: 1000 },
          },
          time: { path: 'Time', unit: 'iso' },
        },
        { name: 'second', url: 'mqtt://10.0.0.2:1884', saldo: 'export', protocol: '5', clientId: 'gateway-pi-second' },
      ],
      sinks: [
        {
          name: 'tenant',
          url: 'https://host:9999/e/env-id',
          ca: { pem: expect.stringContaining('BEGIN') },
          resolution: 'raw',
          flushMs: 1_000,
          late: 'none',
          backfill: true,
        },
      ],
    });
    expect(mqttSourceOf(config).password?.reveal()).toBe('a # b');
  });

  it('may have empty keys', () => {
    expect(load({ files: { 'gateway.yaml': 'dimensions:\nqueue:\nsources:\n' } }).dimensions).toEqual({});
  });

  it.each([
    ['no mapping', '- 1', './gateway.yaml: expected keys and values, such as `dataDir: ./data`'],
    [
      'a value that looks like an alias',
      'dataDir: *abc',
      './gateway.yaml: a value that begins with * ! & @ ` or % needs quotes around it',
    ],
    ['a tab', 'queue:\n\tlinger: 1s', './gateway.yaml:2: a tab; YAML is indented with blanks'],
    ['the same key twice', 'dataDir: a\ndataDir: b', './gateway.yaml:2: the same key stands twice'],
  ])('is refused with a line to look at when it has %s', (_, text, expected) => {
    expect(issuesOf({ files: { 'gateway.yaml': text } })).toEqual([expected]);
  });

  it('is not quoted when it cannot be parsed, because the line may hold a password', () => {
    for (const line of [
      'password: @swordfish',
      'password: *swordfish',
      'password: "swordfish',
      '{ password: ${swordfish} }',
    ])
      expect(issuesOf({ files: { 'gateway.yaml': line } }).join('\n')).not.toContain('swordfish');
  });

  it('must exist when it is named', () => {
    expect(issuesOf({ path: 'missing.yaml' })).toEqual(['./missing.yaml: the file cannot be read: ENOENT']);
  });
});

describe('everything that is wrong', () => {
  it('is said at once, each with its place, what was found, and what was probably meant', () => {
    const cwd = tempDir();
    const text = `
dataDri: ./data
dimensions: { Site: home, device: x, floor: 2 }
queue: { linger: 1, ttl: 7d, budget: 64 }
log: { level: inof }
sources:
  - type: mqtt
    url: mqtt://user:hunter22@broker
    pasword: swordfish
    protocol: 4
  - type: mqtt
    url: embedded://0.0.0.0
    profile: json
    fields: { power.active.imprt: { path: a.b } }
  - type: mqqt
sinks:
  - { type: dynatrace, name: T, url: https://abc.live.dynatrace.com/api/v2/metrics/ingest, token: '\${NO_TOKEN}', late: bizevent }
`;
    const env = { GATEWAY_QUEUE_LINGR: '4s' };
    let error: unknown;
    try {
      load({ files: { 'gateway.yaml': text }, env }, cwd);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ exitCode: EXIT.configuration });
    expect((error as ConfigError).message.replaceAll(cwd, '.')).toBe(
      `
The configuration (./gateway.yaml) has 18 problems:
  sinks[0].token: the environment has no NO_TOKEN
  GATEWAY_QUEUE_LINGR: unknown variable; did you mean GATEWAY_QUEUE_LINGER?
  sources[1].name: expected a name of its own, "meter" is taken
  dataDri: unknown key; did you mean dataDir?
  sources[0].pasword: unknown key; did you mean password?
  dimensions.Site: expected a name of lower-case letters, digits, _, -, : and dots, beginning with a letter, received "home"
  dimensions.device: the gateway sets this dimension itself; name devices at their source, received "x"
  queue.linger: expected a duration such as 250ms, 10s, 55m, 24h or 7d, received 1
  queue.budget: expected a size such as 512MB or 64MiB, received 64
  log.level: expected error, warn, info or debug, received "inof"
  sources[0].url: expected no user in the address; use the keys username and password, received "mqtt://***@broker"
  sources[0].protocol: expected auto, 5 or 3.1.1, received 4
  sources[1].username: an embedded broker open to the network (0.0.0.0) needs username and password
  sources[1].fields.power.active.imprt: unknown quantity; did you mean power.active.import?
  sources[2].type: expected a type: mqtt, modbus or http, received "mqqt"; did you mean mqtt?
  sinks[0].name: expected lower-case letters, digits and hyphens, at most 32, received "T"
  sinks[0].url: expected the address without the path of the API: https://abc.live.dynatrace.com, received "https://abc.live.dynatrace.com/api/v2/metrics/ingest"
  sinks[0].late: expected bizevents or none, received "bizevent"; did you mean bizevents?
`.trim(),
    );
  });

  it('of a well-formed source is said beside the flaws of the others', () => {
    const files = {
      'gateway.yaml': `
queue: { ttl: 7d, retention: 1d }
sources:
  - { type: mqtt, name: a, url: 'embedded://0.0.0.0:1883', device: '{x}' }
  - { type: mqtt, name: b, url: 'mqtt://b', topics: ['a/#/b', 'a+'], password: secret1, ca: ca.pem, fields: {}, time: { path: t, unit: s } }
  - { type: mqtt, name: c, url: 'mqtts://c', ca: a, fingerprint: ${'a'.repeat(64)}, profile: json }
  - { type: mqtt, name: d, url: 'mqtt://d', topics: [x], profile: json, fields: { power.active.imprt: { path: p }, volume: { path: v } } }
  - { type: mqtt, name: e, url: 'embedded://127.0.0.1', username: u }
  - { type: http, name: f, url: 'http://f', profile: amis, ca: ca.pem, username: u }
sinks:
  - { type: dynatrace, url: 'https://x' }
  - { type: dynatrace, name: two, url: 'https://x', token: abcdef, tokenFile: f }
`,
    };
    expect(issuesOf({ files })).toEqual([
      'queue.retention: expected at least as long as ttl, or readings would go while they are owed, received "1d"',
      'sources[0].username: an embedded broker open to the network (0.0.0.0) needs username and password',
      'sources[0].device: expected a name, with {n} for the topic\'s n-th level, received "{x}"',
      'sources[1].username: expected a user name beside the password',
      'sources[1].ca: only a connection with mqtts:// has certificates, received "ca.pem"',
      'sources[1].topics[0]: expected a topic filter: + and # fill a whole level, # only the last, received "a/#/b"',
      'sources[1].topics[1]: expected a topic filter: + and # fill a whole level, # only the last, received "a+"',
      'sources[1].fields: only profile json has fields',
      'sources[1].time: only profile json has a configurable time',
      `sources[2].fingerprint: both ca and fingerprint are set; set one of them, received "${'a'.repeat(64)}"`,
      'sources[2].topics: expected topic filters such as [smartmeter/data]',
      'sources[2].fields: profile json needs fields, such as { power.active.import: { path: ENERGY.Power } }',
      'sources[3].fields.power.active.imprt: unknown quantity; did you mean power.active.import?',
      'sources[3].fields.volume: unknown quantity',
      'sources[4].password: expected a password beside the user name of an embedded broker',
      'sources[5].ca: only a connection with https:// has certificates, received "ca.pem"',
      'sources[5].password: expected a password beside the user name',
      'sinks[0].token: expected an access token, here or as tokenFile',
      'sinks[1].tokenFile: both token and tokenFile are set; set one of them, received "f"',
      'sources[2].ca: the file ./a cannot be read: ENOENT',
    ]);
  });
});

describe('values', () => {
  it.each(['mqtt', 'broker:1883', 'http://broker', 'mqtt://', 'mqtt://broker/topic', 'mqtt://broker:0', 'ws://broker'])(
    'refuses %s as a broker',
    (url) => {
      expect(issuesOf(yaml(`url: '${url}'\ntopics: [x]`))).toEqual([
        expect.stringMatching(/^sources\[0\]\.url: expected/),
      ]);
    },
  );

  it.each([
    ['ftp://host', /expected https:/],
    ['abc12345.live.dynatrace.com', /expected https:/],
    ['https://host?x=1', /without \? or #/],
    ['https://host/e/id/api/v2/metrics/ingest', /without the path of the API: https:\/\/host\/e\/id/],
    ['https://me:hunter22@host', /no user in the address/],
  ])('refuses %s as a tenant', (url, expected) => {
    const files = { 'gateway.yaml': `sinks: [{ type: dynatrace, token: abcdef, url: '${url}' }]` };
    expect(issuesOf({ files })).toEqual([expect.stringMatching(expected)]);
    expect(issuesOf({ files }).join('')).not.toContain('hunter22');
  });

  it('accepts an embedded broker open to the network only with a login', () => {
    const login = 'username: meter\npassword: long-enough';
    expect(issuesOf(yaml(`url: embedded://0.0.0.0:1883\n${login}`))).toEqual([]);
    expect(issuesOf(yaml('url: "embedded://[::1]"'))).toEqual([]);
    expect(issuesOf(yaml('url: embedded://192.168.1.2'))).toEqual([
      'sources[0].username: an embedded broker open to the network (192.168.1.2) needs username and password',
    ]);
  });

  it('takes booleans and numbers from the environment', () => {
    const machine = yaml(MQTT, 'backfill: ${BACKFILL}');
    expect(load({ ...machine, env: { BACKFILL: 'true' } }).sinks[0]?.backfill).toBe(true);
    expect(issuesOf({ ...machine, env: { BACKFILL: 'yes' } })).toEqual([
      'sinks[0].backfill: expected true or false, received "yes"',
    ]);
  });

  it('asks for quotes around a password that YAML takes for a number', () => {
    expect(issuesOf(yaml(`${MQTT}\nusername: u\npassword: 0123`))).toEqual([
      'sources[0].password: expected a password, in quotes, received ***',
    ]);
  });

  it('wants certificates that are there', () => {
    const files = { 'empty.pem': 'nothing', ...yaml('url: mqtts://b\ntopics: [x]\nca: no.pem', 'ca: empty.pem').files };
    expect(issuesOf({ files })).toEqual([
      'sources[0].ca: the file ./no.pem cannot be read: ENOENT',
      'sinks[0].ca: expected a PEM certificate in ./empty.pem',
    ]);
  });
});

describe('files and profiles of a configuration whose form is wrong', () => {
  it('are looked at in the same run', () => {
    const gateway = `
queue: { linger: soon }
sources:
  - { type: mqtt, url: mqtt://broker, topics: [a], username: u, passwordFile: gone, profile: tasmotta }
  - { type: modbus, url: 'tcp://10.0.0.1', interval: fast, devices: [{ profile: sofar-g3 }, { profile: sofra-g3, device: b }] }
sinks:
  - { type: dynatrace, url: 'https://abc12345.live.dynatrace.com', tokenFile: nowhere, ca: no.pem }
`;
    expect(issuesOf({ files: { 'gateway.yaml': gateway } })).toEqual([
      expect.stringMatching(/^queue\.linger: expected a duration/),
      expect.stringMatching(/^sources\[1\]\.interval: expected a duration/),
      expect.stringMatching(/^sources\[0\]\.passwordFile: The secret file \.\/gone cannot be read/),
      expect.stringMatching(/^sources\[0\]\.profile: unknown profile.* did you mean tasmota\?/),
      expect.stringMatching(/^sources\[1\]\.devices\[1\]\.profile: unknown profile.* did you mean sofar-g3\?/),
      expect.stringMatching(/^sinks\[0\]\.tokenFile: The secret file \.\/nowhere cannot be read/),
      expect.stringMatching(/^sinks\[0\]\.ca: the file \.\/no\.pem cannot be read/),
    ]);
  });

  it('are not told a second time when the form of their key, or its variable, was', () => {
    const gateway = `
sources: [{ type: mqtt, url: mqtt://broker, topics: [a], profile: 7 }, 3, { type: modbus, devices: sofar }]
sinks: [{ type: dynatrace, url: 'https://abc12345.live.dynatrace.com', tokenFile: '\${NO_FILE}' }]
`;
    const wheres = issuesOf({ files: { 'gateway.yaml': gateway } }).map((line) => line.replace(/: .*/, ''));
    expect(wheres).toHaveLength(new Set(wheres).size);
    expect(wheres).toContain('sinks[0].tokenFile');
  });
});

describe('warnings', () => {
  it.each([
    ['https://abc12345.apps.dynatrace.com', 'https://abc12345.live.dynatrace.com'],
    ['https://abc12345.live.apps.dynatrace.com/', 'https://abc12345.live.dynatrace.com'],
  ])('name %s as the web interface, and the address that takes metrics', (url, right) => {
    const [warning, ...others] = load({ env: { DYNATRACE_URL: url, API_TOKEN: 'abcdef' } }).warnings;
    expect(warning).toMatchObject({
      code: 'sink.address',
      message: expect.stringContaining('.apps.dynatrace.com is the address of the web interface'),
      hint: expect.stringContaining(`${right}.`),
    });
    expect(others).toEqual([]);
  });

  it.each([
    ['serial:/dev/ttyUSB0', 9_601, 'Did you mean 9600?'],
    ['serial:/dev/ttyUSB0', 119_200, 'Did you mean 115200?'],
    ['serial:/dev/ttyUSB0', 19_200, undefined],
  ])('for the line %s at %i baud: %s', (url, baud, hint) => {
    const line = `{ type: modbus, url: '${url}', baud: ${baud}, devices: [{ profile: sofar-g3 }] }`;
    const { warnings } = load({ files: { 'gateway.yaml': `sources: [${line}]` } });
    expect(warnings.map(({ code }) => code)).toEqual(hint === undefined ? [] : ['source.speed']);
    expect(warnings[0]?.hint.slice(0, hint?.length)).toBe(hint);
  });

  it.each([
    ['http://192.168.1.9:8080', '', ['tls.unverified']],
    ['http://127.0.0.1:18080', '', []],
    ['https://host', 'insecureSkipVerify: true', ['tls.unverified']],
    ['https://host', '', []],
  ])('for a sink at %s %s are %j', (url, keys, codes) => {
    const files = { 'gateway.yaml': `sinks:\n  - type: dynatrace\n    token: abcdef\n    url: ${url}\n    ${keys}` };
    expect(load({ files }).warnings.map(({ code }) => code)).toEqual(codes);
  });
});
