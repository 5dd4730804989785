/**
 * The real gateway with secrets of awkward shapes, given in each way, against sinks that repeat the token they were sent and a
 * broker that refuses the login; then every byte that it printed, logged or wrote is searched.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';
import { amisPayload } from '../support/amis.ts';
import { FakeBroker } from '../support/fake-broker.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { runCli } from '../support/run-cli.ts';
import { reply, startScriptedServer, type Script, type ScriptedServer } from '../support/scripted-server.ts';
import { shownIn } from '../support/secret-shapes.ts';
import { tempDir } from '../support/temp-dir.ts';

const SECRETS = {
  refusingLines: 'zQ7$&"\\%41.+?|/<b>&amp;',
  /** The beginning of another. */
  unknown: 'zQ7$&"\\',
  refusedLogin: 'zQ7 pä"ss\\\nwörd 😀 %',
  ownBroker: "zQ7 ${HOME} #'`",
  inAddress: 'zQ7/with?slash',
  pin: '9173',
} as const;

const ALL = Object.values(SECRETS);

/** Refuses the first line of a batch for a reason that names the token, and takes the rest. */
const refuseALine: Script = (response, seen) => {
  const lines = seen.body.split('\n').filter((line) => line.startsWith('smartmeter.')).length;
  const echo = `no such token: ${seen.headers.authorization ?? ''}`;
  if (lines === 0) return reply(202, '{"linesOk":1,"linesInvalid":0,"error":null}')(response, seen);
  const error = { code: 400, message: echo, invalidLines: [{ line: 1, error: echo }] };
  reply(400, JSON.stringify({ linesOk: lines - 1, linesInvalid: 1, error }))(response, seen);
};

const unknownToken: Script = (response, seen) =>
  reply(401, `<html>Unknown: ${seen.headers.authorization ?? ''}</html>`, {
    'content-type': 'text/html',
    'x-echo': 'yes',
  })(response, seen);

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer();
  server.answer(script);
  onTestFinished(() => server.stop());
  return server;
}

describe('no configured secret leaves the gateway but to whom it is for', () => {
  it(
    'not when sinks repeat tokens, brokers refuse logins and lines become dead letters',
    { timeout: 120_000 },
    async () => {
      const dir = tempDir();
      const [refusing, unknown] = [await serve(refuseALine), await serve(unknownToken)];
      const broker = await FakeBroker.listen({ onConnect: (connection) => connection.connack({ code: 0x87 }) });
      onTestFinished(() => broker.close());
      const port = await freePort();
      for (const [name, secret] of [
        ['login', `${SECRETS.refusedLogin}\n`],
        ['unknown', SECRETS.unknown],
      ] as const)
        writeFileSync(join(dir, name), secret, { mode: 0o600 });
      const yaml = `
log: { level: debug }
queue: { linger: 50ms }
sources:
  - { type: mqtt, name: meter, url: "embedded://127.0.0.1:${port}", username: meter, password: "\${OWN}", topics: [amis/data] }
  - { type: mqtt, name: other, url: "${broker.url}", username: other, password: "\${LOGIN}", topics: [x] }
sinks:
  - { type: dynatrace, name: refusing, url: "${refusing.url}", token: ${JSON.stringify(SECRETS.refusingLines)}, flush: 1s }
  - { type: dynatrace, name: unknown, url: "${unknown.url}", tokenFile: unknown, flush: 1s }
  - { type: dynatrace, name: pin, url: "${unknown.url}", token: "${SECRETS.pin}", flush: 1s }
`;
      const gateway = new GatewayProcess({
        dir,
        yaml,
        env: { OWN: SECRETS.ownBroker, LOGIN_FILE: join(dir, 'login') },
      });
      await gateway.start();
      const commandLine = readFileSync(`/proc/${gateway.pid}/cmdline`, 'utf8');
      const url = `mqtt://127.0.0.1:${port}`;
      const login = { username: 'meter', password: { reveal: () => SECRETS.ownBroker } };
      const meter = await Publisher.connect(
        { url, protocol: '3.1.1', clientId: 'm', ...login },
        AbortSignal.timeout(20_000),
      );
      const first = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 60_000;
      for (let n = 0; n < 6; n++)
        await meter.publish('amis/data', amisPayload(n, first + n * 5_000), { qos: 1, retain: false });
      // A password where it does not belong: in a message that cannot be used.
      await meter.publish('amis/data', `{"${SECRETS.ownBroker}":1,"${SECRETS.pin}`, { qos: 1, retain: false });
      await meter.close();

      const states = async (): Promise<Record<string, unknown>> => {
        const { sources, sinks } = await gateway.status();
        const letters = sinks.find(({ name }) => name === 'refusing')?.ledger.deadLettered ?? 0;
        const blocked = sinks.filter(({ state }) => state === 'blocked').map(({ name }) => name);
        const refused = sources.filter(({ state }) => state === 'failed').map(({ name }) => name);
        return { letters: letters > 0, blocked, refused, unusable: sources[0]?.lastRefusal !== null };
      };
      const everything = { letters: true, blocked: ['unknown', 'pin'], refused: ['other'], unusable: true };
      await expect.poll(states, { timeout: 60_000, interval: 500 }).toEqual(everything);
      expect(unbalanced(await gateway.status())).toEqual([]);

      const range = ['--from', '-1h', '--to', 'now'];
      const commands = [
        ['status'],
        ['status', '--json'],
        ['check', '--online'],
        ['check', '--online', '--json'],
        ['dead-letters', 'list'],
        ['dead-letters', 'list', '--json'],
        ['export', ...range],
        ['export', ...range, '--format', 'lp'],
        ['replay', ...range, '--json'],
      ];
      const printed = new Map<string, string>();
      for (const command of commands) {
        const { stdout, stderr } = await gateway.command(...command);
        expect(stdout, `${command.join(' ')}: ${stderr}`).not.toBe('');
        if (command.includes('--json')) JSON.parse(stdout);
        printed.set(command.join(' '), stdout + stderr);
      }
      const files = readdirSync(join(dir, 'data'));
      for (const name of files) printed.set(`while it runs: ${name}`, readFileSync(join(dir, 'data', name), 'utf8'));
      await gateway.stop();
      for (const name of readdirSync(join(dir, 'data')))
        printed.set(name, readFileSync(join(dir, 'data', name), 'utf8'));
      printed.set('the log', gateway.output).set('the command line', commandLine);

      // Each was sent, and what repeats it is there without it.
      const sent = [...refusing.requests, ...unknown.requests].map(({ headers }) => headers.authorization);
      for (const token of [SECRETS.refusingLines, SECRETS.unknown, SECRETS.pin])
        expect(sent).toContain(`Api-Token ${token}`);
      expect(broker.connections[0]?.connect?.password?.toString()).toBe(SECRETS.refusedLogin);
      for (const where of [
        'status --json',
        'dead-letters list',
        'dead-letters list --json',
        'check --online',
        'the log',
        'queue.db',
      ])
        expect(printed.get(where), where).toContain('Api-Token ***');
      // Four digits may be part of any number; whole words of the texts are looked at.
      const shown = [...printed].flatMap(([where, text]) => [
        ...shownIn(
          text,
          ALL.filter((secret) => secret !== SECRETS.pin),
        ).map((secret) => `${where}: ${secret}`),
        ...(/Api-Token 9173|"9173"|9173"/.test(text) ? [`${where}: the pin`] : []),
      ]);
      expect(shown).toEqual([]);
      for (const line of gateway.output.trim().split('\n')) expect(() => JSON.parse(line), line).not.toThrow();
    },
  );

  it('not when the configuration is wrong', async () => {
    const dir = tempDir();
    const yaml = `sources: [{ type: mqtt, url: "mqtt://user:${SECRETS.inAddress}@broker", topics: [x] }]\nlog: { level: ${SECRETS.pin}0 }`;
    writeFileSync(join(dir, 'gateway.yaml'), yaml, { mode: 0o600 });
    for (const command of [['run'], ['check', '--json'], ['status']]) {
      const { code, stdout, stderr } = await runCli(command, { cwd: dir, env: { API_TOKEN: SECRETS.pin } });
      expect(code).toBe(2);
      expect(stderr).toContain('sources[0].url');
      expect(shownIn(stdout + stderr, ALL)).toEqual([]);
    }
  });

  it.each([
    ['the daemon', ['run'], 'stdout'],
    ['a command', ['status', '--watch'], 'stderr'],
  ] as const)('not when %s dies of an error that nobody caught', async (_, command, stream) => {
    const dir = tempDir();
    // Both listen for SIGTERM as the last thing before they are at work.
    const crash = `
const fail = () => { throw Object.assign(new TypeError('bad header ' + process.env.API_TOKEN), {
  headers: { authorization: process.env.API_TOKEN }, cause: new Error(process.env.API_TOKEN) }) };
process.on('newListener', (event) => { if (event === 'SIGTERM') setImmediate(fail) });`;
    const node = ['--import', `data:text/javascript,${encodeURIComponent(crash)}`];
    const env = { API_TOKEN: SECRETS.refusingLines, TENANT_HOST: '127.0.0.1:1', GATEWAY_DATA_DIR: join(dir, 'data') };
    const result = await runCli(command, { cwd: dir, env, node });
    expect(result.code).toBe(70);
    expect(result[stream]).toContain('bad header ***');
    expect(shownIn(result.stdout + result.stderr, ALL)).toEqual([]);
  });
});
