/** What becomes of a password once a device has refused it, with devices that are not as plain as they should be. */
import { expect, it, onTestFinished } from 'vitest';
import { HttpSource } from '../../src/sources/http/http-source.ts';
import { digestServer } from '../support/digest-server.ts';
import { NOW, recordingLog } from '../support/intake-bench.ts';
import { type Script, startScriptedServer } from '../support/scripted-server.ts';
import { SteppedClock } from '../support/stepped-clock.ts';
import { TestInlet } from '../support/test-inlet.ts';

const INTERVAL = 30_000;
const HOUR = 3_600_000;

/** A device that answers by the script, the requests with a password by their paths, and the payloads, over so long. */
async function polled(script: Script, auth: 'auto' | 'basic', paths: readonly string[], forMs: number) {
  const device = await startScriptedServer();
  onTestFinished(() => device.stop());
  device.answer(script);
  const clock = new SteppedClock(NOW);
  const inlet = new TestInlet();
  const source = new HttpSource({
    name: 'poll',
    url: device.url,
    paths,
    intervalMs: INTERVAL,
    timeoutMs: 10_000,
    maxPayloadBytes: 64 * 1024,
    auth,
    username: 'admin',
    password: { reveal: () => 'secret' },
    ca: null,
    clock,
    log: recordingLog(),
  });
  onTestFinished(() => source.stop(0));
  await source.start(inlet);
  const over = async (): Promise<void> => {
    await expect.poll(() => clock.sleeping, { timeout: 20_000, interval: 1 }).toBe(1);
  };
  await over();
  for (let passed = 0; passed < forMs; passed += INTERVAL) {
    await clock.advance(INTERVAL);
    await over();
  }
  const sent = device.requests.filter(({ headers }) => headers.authorization !== undefined).map(({ path }) => path);
  return { sent, texts: inlet.payloads.map(({ bytes }) => Buffer.from(bytes).toString()), status: source.status() };
}

it.each([200, 302, 403, 404])(
  'once, as Basic to be sent at once, is tried again, though the device answers %i without it',
  async (bare) => {
    let refusals = 1;
    const { texts, status } = await polled(
      (response, { headers: { authorization } }) => {
        if (authorization === undefined) response.writeHead(bare).end('<html>log in</html>');
        else if (refusals-- > 0) response.writeHead(401).end();
        else response.writeHead(200).end('{}');
      },
      'basic',
      ['/status'],
      HOUR,
    );
    expect(texts).toEqual(Array.from({ length: 119 }, () => '{}'));
    expect(status.state).toBe('connected');
  },
);

it.each([401, 403])(
  'with %i for one path is not sent more often because another gets ever new nonces',
  async (code) => {
    const login = digestServer('admin', 'secret');
    let [nonce, isUsed] = [0, false];
    const { sent, texts } = await polled(
      (response, seen) => {
        if (seen.headers.authorization !== undefined && seen.path === '/forbidden') {
          response.writeHead(code).end();
          return;
        }
        const isCurrent = seen.headers.authorization?.includes(`nonce="${nonce}"`) === true;
        if (isCurrent && !isUsed) isUsed = true;
        else {
          login.renew(String(++nonce));
          isUsed = false;
        }
        login.script('{}')(response, seen);
      },
      'auto',
      ['/mine', '/forbidden'],
      HOUR,
    );
    expect(texts).toHaveLength(121);
    expect(sent.filter((path) => path === '/forbidden').length).toBeLessThanOrEqual(4);
  },
);

it.each([429, 503, 'reset'] as const)(
  'is not sent at each poll to a device that has locked the account: %s',
  async (locked) => {
    let refusals = 2;
    const { sent } = await polled(
      (response, { headers: { authorization } }) => {
        if (authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        else if (refusals-- > 0) response.writeHead(401).end();
        else if (locked === 'reset') response.destroy();
        else response.writeHead(locked).end();
      },
      'auto',
      ['/status'],
      HOUR,
    );
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.length).toBeLessThanOrEqual(4);
  },
);
