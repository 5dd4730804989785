/** The source against a real HTTP server. Time between polls passes when the test says so. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpSource, type HttpSourceOptions } from '../../src/sources/http/http-source.ts';
import { digestServer } from '../support/digest-server.ts';
import { freePort } from '../support/free-port.ts';
import { NOW, recordingLog } from '../support/intake-bench.ts';
import { type Script, type ScriptedServer, type SeenRequest, startScriptedServer } from '../support/scripted-server.ts';
import { DriftingClock } from '../support/drifting-clock.ts';
import { SteppedClock } from '../support/stepped-clock.ts';
import { TestInlet } from '../support/test-inlet.ts';

const INTERVAL = 10_000;
const HALF_A_MINUTE = 30_000;
const HOUR = 3_600_000;

function ok(body: string): Script {
  return (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

function status(code: number, headers: Readonly<Record<string, string>> = {}, body = ''): Script {
  return (response) => void response.writeHead(code, headers).end(body);
}

async function server(): Promise<ScriptedServer> {
  const started = await startScriptedServer();
  onTestFinished(() => started.stop());
  return started;
}

/** A source that has begun, its clock, and what it brought. */
async function polling(
  url: string,
  options: Partial<HttpSourceOptions> = {},
  clock: SteppedClock = new SteppedClock(NOW),
) {
  const [inlet, log] = [new TestInlet(), recordingLog()];
  const source = new HttpSource({
    name: 'poll',
    url,
    paths: ['/status'],
    intervalMs: INTERVAL,
    timeoutMs: 10_000,
    maxPayloadBytes: 64 * 1024,
    auth: 'auto',
    username: null,
    password: null,
    ca: null,
    clock,
    log,
    ...options,
  });
  onTestFinished(() => source.stop(0));
  await source.start(inlet);
  return {
    source,
    inlet,
    log,
    clock,
    /** Until the round that is under way is over, and its source sleeps. */
    over: async () => {
      await expect.poll(() => clock.sleeping, { timeout: 20_000, interval: 1 }).toBe(1);
    },
    next: () => clock.advance(INTERVAL),
  };
}

/** The requests that held the password. */
function passwords(device: ScriptedServer): readonly SeenRequest[] {
  return device.requests.filter(({ headers }) => headers.authorization !== undefined);
}

const LOGIN = { username: 'admin', password: { reveal: () => 'secret' } };

describe('a device that answers', () => {
  it('is asked for its paths one after the other, and again after the interval', async () => {
    const device = await server();
    device.answer((response, seen) => ok(JSON.stringify({ path: seen.path }))(response, seen));
    const { source, inlet, over, next, clock } = await polling(device.url, { paths: ['/a?x=1', '/b/c'] });
    await over();
    const received = clock.monoMs();
    expect(inlet.payloads).toMatchObject([
      { topic: 'a?x=1', qos: 0, retained: false, waited: false, receivedMono: received },
      { topic: 'b/c' },
    ]);
    expect(inlet.texts).toEqual(['{"path":"/a?x=1"}', '{"path":"/b/c"}']);
    expect(source.status()).toEqual({ state: 'connected', detail: null, problems: [] });
    await clock.advance(INTERVAL - 1);
    expect(device.requests).toHaveLength(2);
    await next();
    await over();
    expect(inlet.payloads).toHaveLength(4);
  });

  it('with an error in its body is answered all the same: what a body means is for its profile', async () => {
    const device = await server();
    device.answer(ok('{"Head":{"Status":{"Code":8}}}'));
    const { source, inlet, over } = await polling(device.url);
    await over();
    expect(inlet.texts).toEqual(['{"Head":{"Status":{"Code":8}}}']);
    expect(source.status().state).toBe('connected');
  });

  it('slowly is never asked twice at once, and the time it took is not waited for again', async () => {
    const device = await server();
    let [open, most] = [0, 0];
    const held: (() => void)[] = [];
    device.answer((response, seen) => {
      most = Math.max(most, ++open);
      held.push(() => {
        open -= 1;
        ok('{}')(response, seen);
      });
    });
    const clock = new DriftingClock(NOW);
    const { inlet, next, over } = await polling(device.url, { timeoutMs: 60_000 }, clock);
    for (let round = 1; round <= 3; round++) {
      await expect.poll(() => device.requests.length, { timeout: 20_000 }).toBe(round);
      for (let missed = 0; missed < 3; missed++) await next();
      expect(clock.sleeping).toBe(0);
      expect(device.requests).toHaveLength(round);
      held.shift()?.();
      await over();
      // The next is due since long.
      await clock.advance(0);
    }
    await expect.poll(() => device.requests.length, { timeout: 20_000 }).toBe(4);
    held.shift()?.();
    await over();
    expect(most).toBe(1);
    expect(clock.sleeps.filter((ms) => ms < 0)).toEqual([]);
    expect(inlet.payloads).toHaveLength(4);
  });
});

describe('an answer that cannot be used', () => {
  it.each<[string, Script, RegExp]>([
    ['404', status(404), /\/status: HTTP 404\.$/],
    ['500 with a body', status(500, {}, '{"p":1}'), /HTTP 500\.$/],
    ['204', status(204), /HTTP 204\.$/],
    ['a body that is too large', ok(`"${'x'.repeat(70_000)}"`), /an answer of more than 65536 bytes\.$/],
    ['a connection that is closed', (response) => void response.destroy(), /\/status: \S.*\.$/],
  ])('%s is no reading, and the next one is', async (_, script, detail) => {
    const device = await server();
    device.answer(script);
    const { source, inlet, over, next } = await polling(device.url);
    await over();
    expect(inlet.payloads).toEqual([]);
    expect(source.status()).toMatchObject({ state: 'connecting', problems: [] });
    expect(source.status().detail).toMatch(detail);
    device.answer(ok('{"p":1}'));
    await next();
    await over();
    expect(inlet.texts).toEqual(['{"p":1}']);
    expect(source.status().state).toBe('connected');
  });

  it('is a redirect, which leads to another device or a portal: it is not followed', async () => {
    const [device, portal] = [await server(), await server()];
    portal.answer(ok('{"p":666}'));
    device.answer(status(302, { location: `${portal.url}/login` }));
    const { source, inlet, over } = await polling(device.url, LOGIN);
    await over();
    expect(portal.requests).toEqual([]);
    expect(inlet.payloads).toEqual([]);
    expect(source.status().detail).toContain(`HTTP 302, a redirect to ${portal.url}/login`);
  });

  it('is none that came within the time given, also when it began to come', async () => {
    const device = await server();
    device.answer((response) => void response.writeHead(200).write('{"p":'));
    const { source, inlet, over } = await polling(device.url, { timeoutMs: 300 });
    await over();
    expect(inlet.payloads).toEqual([]);
    expect(source.status()).toMatchObject({
      state: 'connecting',
      detail: expect.stringMatching(/no answer within 0\.3 s/),
    });
  });

  it('to one path does not take the readings of the others, and is told once', async () => {
    const device = await server();
    device.answer((response, seen) => (seen.path === '/bad' ? status(404) : ok('{}'))(response, seen));
    const { source, inlet, over, next, log } = await polling(device.url, { paths: ['/good', '/bad', '/good'] });
    for (let round = 0; round < 4; round++) {
      await over();
      await next();
    }
    await over();
    expect(inlet.payloads).toHaveLength(10);
    expect(source.status().detail).toMatch(/\/bad: HTTP 404/);
    expect(log.lines).toEqual(['warn a device gave no answer to use']);
  });
});

it('a device that is off all night costs one line in the log, is connecting, and is asked on', async () => {
  const { source, over, next, log } = await polling(`http://127.0.0.1:${await freePort()}`);
  for (let round = 0; round < 50; round++) {
    await over();
    await next();
  }
  await over();
  expect(source.status()).toMatchObject({
    state: 'connecting',
    detail: expect.stringContaining('ECONNREFUSED'),
    problems: [],
  });
  expect(log.lines).toEqual(['warn a device gave no answer to use']);
});

/** What an hour of polls brings of each path, and how often the password was sent. */
async function anHour(paths: readonly string[], auth: 'auto' | 'basic', closed: Readonly<Record<string, number>>) {
  const device = await server();
  device.answer((response, { path, headers: { authorization } }) => {
    const codeOfClosed = authorization === undefined ? 401 : (closed[path] ?? 200);
    const code = path === '/open' ? 200 : codeOfClosed;
    response.writeHead(code, { 'www-authenticate': 'Basic realm="x"' }).end('{}');
  });
  const { inlet, over, clock, source } = await polling(device.url, {
    ...LOGIN,
    paths,
    auth,
    intervalMs: HALF_A_MINUTE,
  });
  await over();
  for (let poll = 0; poll < 120; poll++) {
    await clock.advance(HALF_A_MINUTE);
    await over();
  }
  const sent = passwords(device);
  return {
    readings: (path: string) => inlet.payloads.filter(({ topic }) => topic === path.slice(1)).length,
    sent: (path: string) => sent.filter((seen) => seen.path === path).length,
    status: source.status(),
  };
}

describe('a login', () => {
  it('is sent as Basic where it is told to, and where the device asks for it', async () => {
    const device = await server();
    device.answer((response, seen) =>
      (seen.headers.authorization === `Basic ${btoa('admin:secret')}`
        ? ok('{}')
        : status(401, { 'www-authenticate': 'Basic realm="shelly"' }))(response, seen),
    );
    const told = await polling(device.url, { ...LOGIN, auth: 'basic' });
    await told.over();
    expect(told.inlet.payloads).toHaveLength(1);
    expect(device.requests).toHaveLength(1);
    const asked = await polling(device.url, LOGIN);
    await asked.over();
    await asked.next();
    await asked.over();
    expect(asked.inlet.payloads).toHaveLength(2);
    // Once to learn it, then always at once.
    expect(device.requests).toHaveLength(1 + 3);
  });

  it('is sent as Basic to a device that refuses without saying what it wants, as AMIS readers do', async () => {
    const device = await server();
    device.answer((response, seen) =>
      (seen.headers.authorization === `Basic ${btoa('admin:secret')}` ? ok('{}') : status(401))(response, seen),
    );
    const { inlet, over, source } = await polling(device.url, LOGIN);
    await over();
    expect(inlet.payloads).toHaveLength(1);
    expect(source.status().state).toBe('connected');
    const digest = await polling(device.url, { ...LOGIN, auth: 'digest' });
    await digest.over();
    expect(digest.source.status().state).toBe('failed');
    expect(device.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Basic YWRtaW46c2VjcmV0',
      undefined,
    ]);
  });

  it('is sent to nobody who has not asked, and as Basic to nobody who asked for a digest', async () => {
    const device = await server();
    device.answer(ok('{}'));
    const { over } = await polling(device.url, LOGIN);
    await over();
    device.answer(status(401, { 'www-authenticate': 'Basic realm="x"' }));
    const digest = await polling(device.url, { ...LOGIN, auth: 'digest' });
    await digest.over();
    expect(device.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(digest.source.status().state).toBe('failed');
  });

  it('by digest counts on under one nonce, and begins anew with the next', async () => {
    const device = await server();
    const login = digestServer('admin', 'secret');
    device.answer(login.script('{"apower":1}'));
    const { inlet, over, next, source } = await polling(device.url, {
      ...LOGIN,
      paths: ['/rpc/Switch.GetStatus?id=0'],
    });
    for (let round = 0; round < 2; round++) {
      await over();
      await next();
    }
    await over();
    login.renew('2');
    await next();
    await over();
    await next();
    await over();
    expect(login.accepted).toEqual(['1 00000001', '1 00000002', '1 00000003', '2 00000001', '2 00000002']);
    expect(inlet.payloads).toHaveLength(5);
    // One more for each nonce that had to be learnt.
    expect(device.requests).toHaveLength(7);
    expect(source.status().state).toBe('connected');
  });

  it('that is refused is a failure that says what to do, is not sent again at each poll, and heals', async () => {
    const device = await server();
    device.answer(digestServer('admin', 'another').script('{}'));
    const { inlet, over, next, source, log, clock } = await polling(device.url, LOGIN);
    await over();
    const detail = `${device.url}/status: it refuses the login (401).`;
    expect(source.status()).toEqual({
      state: 'failed',
      detail,
      problems: [
        {
          code: 'source.failed',
          message: `Source poll: ${detail}`,
          hint: 'Set `username` and `password` to those of the device.',
        },
      ],
    });
    const asked: number[] = [];
    for (let poll = 1; poll <= (3 * HOUR) / INTERVAL; poll++) {
      const before = device.requests.length;
      await next();
      await over();
      if (device.requests.length > before) asked.push((poll * INTERVAL) / 60_000);
    }
    // 1, 4 and 16 min, and then an hour after the last: never five within an hour.
    expect(asked).toEqual([1, 5, 21, 81, 141]);
    expect(passwords(device)).toHaveLength(1 + asked.length);
    expect(source.status().detail).toBe(detail);
    expect(inlet.payloads).toEqual([]);
    expect(log.lines).toHaveLength(1);

    device.answer(digestServer('admin', 'secret').script('{}'));
    for (let poll = 0; poll < HOUR / INTERVAL; poll++) {
      await next();
      await over();
    }
    expect(source.status()).toEqual({ state: 'connected', detail: null, problems: [] });
    const healed = inlet.payloads.length;
    expect(healed).toBeGreaterThan(0);
    device.answer(digestServer('admin', 'another').script('{}'));
    await next();
    await over();
    const before = passwords(device).length;
    await clock.advance(60_000);
    await over();
    // It begins anew after it was healed.
    expect(passwords(device).length).toBe(before + 1);
  });

  it('that was refused is sent once each time to a device with a new nonce for every refusal', async () => {
    const device = await server();
    const login = digestServer('admin', 'another');
    let nonce = 0;
    device.answer((response, seen) => {
      login.renew(String(++nonce));
      login.script('{}')(response, seen);
    });
    const { over, next } = await polling(device.url, LOGIN);
    for (let poll = 0; poll < 40; poll++) {
      await over();
      await next();
    }
    await over();
    // The first one after a refusal answers a new nonce, which may be why it was refused.
    expect(passwords(device)).toHaveLength(1 + 2);
  });

  it.each([
    { paths: ['/closed', '/open'], auth: 'auto', passwords: 4, open: 121, sent: 0 },
    { paths: ['/open', '/closed'], auth: 'auto', passwords: 4, open: 121, sent: 0 },
    // Told to send it to all, the source asks none without it; that it was taken on one path begins the waits anew.
    { paths: ['/closed', '/open'], auth: 'basic', passwords: 5, open: 119, sent: 119 },
    { paths: ['/open', '/closed'], auth: 'basic', passwords: 4, open: 121, sent: 121 },
  ] as const)(
    'that one path wants and refuses takes nothing of a path open to anyone: $paths, $auth',
    async ({ paths, auth, passwords: expected, open, sent }) => {
      const hour = await anHour(paths, auth, { '/closed': 401 });
      expect([hour.readings('/open'), hour.sent('/open'), hour.sent('/closed')]).toEqual([open, sent, expected]);
      expect(hour.status).toMatchObject({
        state: 'failed',
        detail: expect.stringMatching(/\/closed: it refuses the login \(401\)/) as string,
      });
    },
  );

  it.each([
    { paths: ['/mine', '/forbidden'], auth: 'auto', code: 401, missed: 0 },
    { paths: ['/mine', '/forbidden'], auth: 'auto', code: 403, missed: 0 },
    { paths: ['/forbidden', '/mine'], auth: 'auto', code: 401, missed: 2 },
    { paths: ['/forbidden', '/mine'], auth: 'basic', code: 401, missed: 2 },
    { paths: ['/mine', '/forbidden'], auth: 'basic', code: 401, missed: 2 },
    { paths: ['/forbidden', '/secret', '/mine', '/barred'], auth: 'auto', code: 401, missed: 10 },
  ] as const)(
    'of an account that may not read every path brings those it may read: $paths, $auth, $code',
    async ({ paths, auth, code, missed }) => {
      const hour = await anHour(paths, auth, { '/forbidden': code, '/secret': code, '/barred': code });
      expect(hour.readings('/mine')).toBeGreaterThanOrEqual(121 - missed);
      const refused = paths.filter((path) => path !== '/mine').map((path) => hour.sent(path));
      expect(Math.max(...refused)).toBeLessThanOrEqual(5);
      expect(hour.status.state).toBe('failed');
    },
  );

  it('that becomes wrong while paths are read with it is one wrong password each time, not one for each path', async () => {
    const device = await server();
    let right = 'secret';
    device.answer((response, { headers: { authorization } }) => {
      const code = authorization === `Basic ${btoa(`admin:${right}`)}` ? 200 : 401;
      response.writeHead(code, { 'www-authenticate': 'Basic realm="x"' }).end('{}');
    });
    const paths = ['/a', '/b', '/c', '/d'];
    const { inlet, over, next, source } = await polling(device.url, { ...LOGIN, paths });
    await over();
    await next();
    await over();
    expect(inlet.payloads).toHaveLength(8);
    right = 'another';
    const before = passwords(device).length;
    for (let poll = 0; poll < HOUR / INTERVAL; poll++) {
      await next();
      await over();
    }
    expect(passwords(device).length - before).toBe(4);
    right = 'secret';
    for (let poll = 0; poll < HOUR / INTERVAL; poll++) {
      await next();
      await over();
    }
    expect(source.status().state).toBe('connected');
    const healed = inlet.payloads.length;
    await next();
    await over();
    expect(inlet.payloads).toHaveLength(healed + 4);
  });

  it('that was refused is not sent for the other paths of the device either', async () => {
    const device = await server();
    device.answer(digestServer('admin', 'another').script('{}'));
    const { over, next, source } = await polling(device.url, { ...LOGIN, paths: ['/status', '/meters', '/grid'] });
    await over();
    await next();
    await over();
    expect(passwords(device)).toHaveLength(1);
    expect(source.status().detail).toBe(`${device.url}/status: it refuses the login (401).`);

    device.answer(digestServer('admin', 'secret').script('{}'));
    for (let poll = 0; poll < 7; poll++) {
      await next();
      await over();
    }
    expect(source.status()).toEqual({ state: 'connected', detail: null, problems: [] });
  });

  it('that was refused is tried at once when the password is another', async () => {
    const device = await server();
    device.answer(digestServer('admin', 'new').script('{}'));
    let password = 'old';
    const { over, next, source } = await polling(device.url, {
      username: 'admin',
      password: { reveal: () => password },
    });
    await over();
    expect(source.status().state).toBe('failed');
    password = 'new';
    await next();
    await over();
    expect(source.status().state).toBe('connected');
  });

  it('that is refused for one path does not keep the others from being read', async () => {
    const device = await server();
    device.answer((response, seen) => (seen.path === '/closed' ? status(403) : ok('{}'))(response, seen));
    const { inlet, over, next, source } = await polling(device.url, { paths: ['/open', '/closed'] });
    await over();
    await next();
    await over();
    expect(device.requests.map(({ path }) => path)).toEqual(['/open', '/closed', '/open']);
    expect(inlet.payloads).toHaveLength(2);
    expect(source.status()).toMatchObject({ state: 'failed', detail: expect.stringMatching(/\/closed: .*\(403\)/) });
  });

  it('turns to the digest where a device that took Basic asks for it', async () => {
    const device = await server();
    device.answer((response, seen) =>
      (seen.headers.authorization === undefined ? status(401, { 'www-authenticate': 'Basic realm="x"' }) : ok('{}'))(
        response,
        seen,
      ),
    );
    const { inlet, over, next } = await polling(device.url, LOGIN);
    await over();
    const login = digestServer('admin', 'secret');
    device.answer(login.script('{}'));
    await next();
    await over();
    await next();
    await over();
    expect(login.accepted).toEqual(['1 00000001', '1 00000002']);
    expect(inlet.payloads).toHaveLength(3);
  });
});

describe('stopping', () => {
  it('does not wait for a device that does not answer', async () => {
    const device = await server();
    device.answer(() => undefined);
    const { source, inlet } = await polling(device.url, { timeoutMs: 60_000 });
    await expect.poll(() => device.requests.length, { timeout: 20_000 }).toBe(1);
    await source.stop(0);
    expect(inlet.payloads).toEqual([]);
  });
});
