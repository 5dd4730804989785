/** `gateway modbus scan` as a person runs it: as a process, with an inverter of each map behind a line of its own. */
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FaultySlave } from '../support/faulty-slave.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { inverterWords, textWords } from '../support/inverter-words.ts';
import { lacks } from '../support/needs.ts';
import { asOrdinaryUser } from '../support/ordinary-user.ts';
import { PtyPair } from '../support/pty-pair.ts';
import { MODBUS_PEERS, Pymodbus } from '../support/pymodbus.ts';
import { pair } from '../support/register-poll.ts';
import { runCli } from '../support/run-cli.ts';
import { SerialWire } from '../support/serial-wire.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const QUICK = ['--baud', '9600', '--units', '1', '--timeout', '400'];

/** By profile: what stands in its registers, and a line of the scan that shows it. */
const INVERTERS = {
  'zcs-string-1ph': {
    words: { 0: 2, 0x000e: 5_001, ...textWords(0x2001, 'ZA3ES013F12345') },
    shows: /grid\.frequency +50\.01 Hz/,
  },
  'sofar-ktlx-3ph': {
    words: { 0: 2, 0x000e: 4_999, 0x000c: 512, 0x0011: 2_301, ...textWords(0x2001, 'SC1ES110F12345') },
    shows: /power\.active +5120 W/,
  },
  'zcs-hybrid-es': {
    words: { 0x0200: 2, 0x020c: 5_000, 0x0212: 0xff83, ...textWords(0x2001, 'ZE1ES013F12345') },
    shows: /grid\.power +1250 W +\(positive while you draw, negative while you feed in\)/,
  },
  'sofar-g3': {
    words: { 0x0404: 2, 0x0484: 5_002, 0x0488: 125, ...pair(0x0692, 10), ...textWords(0x0445, 'SP1ES120N6123456') },
    shows: /grid\.power +-1250 W/,
  },
} as const;

/** Exception 11 to a request of function 3 by Modbus TCP: the target does not respond. */
function nobodyThere([high = 0, low = 0, , , , , unit = 0]: Iterable<number>): Uint8Array {
  return Uint8Array.of(high, low, 0, 0, 0, 3, unit, 0x83, 0x0b);
}

/** 4000 W of PV, 500 W in the house, and what is fed in is told as bought. */
const NOON_WITH_A_TURNED_CLAMP = { 0x0200: 2, 0x020c: 5_000, 0x0215: 400, 0x0213: 50, 0x0212: 0x1_0000 - 345 };

describe.skipIf(lacks({ programs: ['setpriv'], root: true }))('a user who may not look into the data directory', () => {
  it('is told so, because a line that a gateway reads would be disturbed', { timeout: 60_000 }, async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'gateway.yaml'), 'dataDir: closed', { mode: 0o644 });
    mkdirSync(join(cwd, 'closed'), { mode: 0o700 });
    chownSync(join(cwd, 'closed'), 12_345, 12_345);
    const scan = asOrdinaryUser(process.execPath, join(ROOT, 'src/cli.ts'), 'modbus', 'scan', 'tcp://127.0.0.1:1');
    const { status, stderr } = spawnSync(scan[0], scan.slice(1), { cwd, encoding: 'utf8' });
    expect(stderr).toContain('Whether a gateway runs here cannot be known');
    expect(stderr).toContain('sudo');
    expect(status).toBe(1);
  });
});

describe.skipIf(lacks(MODBUS_PEERS))('gateway modbus scan', () => {
  it(
    'names the map of each of four inverters, says of three more lines what is wrong, and writes a configuration',
    { timeout: 180_000 },
    async () => {
      const lines: Record<string, PtyPair> = {};
      for (const [name, { words }] of Object.entries(INVERTERS)) {
        lines[name] = await PtyPair.create(name);
        await Pymodbus.start({ port: lines[name].slave }, { 1: inverterWords(name, words) });
      }
      const wrongSpeed = await SerialWire.create(19_200);
      await Pymodbus.start(
        { port: wrongSpeed.far },
        { 1: inverterWords('zcs-hybrid-es', { 0x0200: 2, 0x020c: 5_000 }) },
      );
      const noisy = await PtyPair.create('noisy');
      await FaultySlave.start(noisy.slave, { word: () => 0, behave: () => ({ spoil: 'noise' }) });
      const silent = await PtyPair.create('silent');
      const all = [...[...Object.values(lines), noisy, silent].map(({ master }) => master), wrongSpeed.near];
      const cwd = tempDir();

      const { code, stdout } = await runCli(['modbus', 'scan', ...all, ...QUICK], { cwd });
      expect(code, stdout).toBe(0);
      for (const [name, { shows }] of Object.entries(INVERTERS)) {
        const found = stdout.split('\nserial:').find((part) => part.includes(`${lines[name]?.master} `)) ?? '';
        expect(found, stdout).toContain(`(9600 baud, unit 1): ${name}\n`);
        expect(found).toMatch(shows);
      }
      expect(stdout).toContain(
        `${noisy.master}: bytes come, but no answer can be read at 9600 baud (units 1). The speed`,
      );
      for (const line of [silent.master, wrongSpeed.near])
        expect(stdout).toContain(`${line}: nothing answers at 9600 baud (units 1). Is it switched on`);
      expect(stdout).toContain('is the unit or the speed another?');

      writeFileSync(join(cwd, 'gateway.yaml'), stdout.slice(stdout.indexOf('\nsources:')), { mode: 0o600 });
      const check = await runCli(['check', '--json'], { cwd });
      expect(check.code, check.stdout).toBe(0);
    },
  );

  it(
    'finds out the speed of a line and the unit of its device, and tells that a sign is wrong',
    { timeout: 120_000 },
    async () => {
      const wire = await SerialWire.create(19_200);
      await Pymodbus.start({ port: wire.far }, { 2: inverterWords('zcs-hybrid-es', NOON_WITH_A_TURNED_CLAMP) });
      const right = await runCli(
        ['modbus', 'scan', wire.near, '--baud', '9600,19200', '--units', '1,2', '--timeout', '400'],
        { cwd: tempDir() },
      );
      expect(right.code, right.stdout).toBe(0);
      expect(right.stdout).toContain(`${wire.near} (19200 baud, unit 2): zcs-hybrid-es`);
      expect(right.stdout).toContain('baud: 19200');
      expect(right.stdout).toContain(
        '! PV gives 4000 W and the house takes 500 W, yet the grid power is 3450 W: its sign is the other way round.',
      );
    },
  );

  it('refuses a line that a running gateway reads, whatever it is called', { timeout: 120_000 }, async () => {
    const pty = await PtyPair.create();
    await Pymodbus.start({ port: pty.slave }, { 1: inverterWords('zcs-hybrid-es', { 0x0200: 2, 0x020c: 5_000 }) });
    const devices = '[{ profile: zcs-hybrid-es, device: inverter }]';
    const yaml = `sources: [{ type: modbus, name: roof, url: "serial:${pty.master}", interval: 1s, devices: ${devices} }]`;
    const gateway = new GatewayProcess({ dir: tempDir(), yaml });
    await gateway.startConnected();
    const refused = await gateway.command('modbus', 'scan', pty.master, ...QUICK);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain(`The running gateway reads serial:${pty.master} (source roof)`);
    expect((await gateway.command('modbus', 'read', pty.master, '--address', '0x0212')).code).toBe(6);
    const before = (await gateway.status()).sources[0]?.readings ?? 0;
    await expect
      .poll(async () => (await gateway.status()).sources[0]?.readings, { timeout: 20_000 })
      .toBeGreaterThan(before);
    expect((await gateway.status()).intake.refused).toBe(0);
    await gateway.stop();

    const free = await gateway.command('modbus', 'read', pty.master, '--address', '0x020C', '--scale', '0.01');
    expect(free).toMatchObject({ code: 0, stdout: '0x020c  5000  50\n' });
  });

  it(
    'refuses a device on the network that a running gateway reads, by any name of it',
    { timeout: 120_000 },
    async () => {
      const tcp = await freePort();
      await Pymodbus.start(
        { tcp },
        {
          1: inverterWords('zcs-hybrid-es', { 0x0200: 2, 0x020c: 5_000 }),
          126: { 3: { 40_000: '53756e53ffff0000' } },
        },
      );
      const devices = '[{ profile: zcs-hybrid-es, device: inverter }]';
      const yaml = `sources: [{ type: modbus, name: roof, url: "tcp://127.0.0.1:${tcp}", devices: ${devices} }]`;
      const dir = tempDir();
      const gateway = new GatewayProcess({ dir, yaml });
      await gateway.startConnected();
      for (const line of [`tcp://127.0.0.1:${tcp}`, `tcp://localhost:${tcp}`, `rtu+tcp://127.0.0.1:${tcp}`]) {
        const refused = await gateway.command('modbus', 'scan', line);
        expect(refused).toMatchObject({
          code: 6,
          stderr: expect.stringContaining('(source roof); a line has one master'),
        });
        expect(refused.stderr).toContain('Stop the gateway for the time of the scan');
      }
      expect((await gateway.command('modbus', 'read', `tcp://localhost:${tcp}`, '--address', '0')).code).toBe(6);

      // Of a gateway that runs nobody knows the lines while its configuration is being changed.
      writeFileSync(join(dir, 'gateway.yaml'), `${yaml}\nsinks: [{ type: nonsense }]`, { mode: 0o600 });
      const unknown = await gateway.command('modbus', 'scan', `tcp://127.0.0.1:${tcp}`);
      expect(unknown).toMatchObject({
        code: 6,
        stderr: expect.stringContaining('its configuration does not load now'),
      });
      await gateway.stop();
      const scanned = await gateway.command('modbus', 'scan', `tcp://127.0.0.1:${tcp}`, '--units', '1,126');
      expect(scanned.code, scanned.stdout).toBe(0);
      for (const found of ['(unit 1): zcs-hybrid-es', '(unit 126): sunspec']) expect(scanned.stdout).toContain(found);
    },
  );

  it(
    'takes the word of a gateway that nobody is at any of the units devices on the network have',
    { timeout: 60_000 },
    async () => {
      const gateway = createServer((socket) => {
        socket.on('data', (request) => socket.write(nobodyThere(request)));
        socket.on('error', () => undefined);
      });
      const port = await freePort();
      gateway.listen(port, '127.0.0.1');
      onTestFinished(() => void gateway.close());
      const scan = ['modbus', 'scan', `tcp://127.0.0.1:${port}`];
      const { code, stdout, stderr } = await runCli(scan, { cwd: tempDir() });
      expect(stderr).toMatch(/^tcp:\S+: trying units 1, 2, 3, 71, .*\nThis may take .*--units 1 /);
      expect(stderr.match(/, unit \d+: no answer$/gm)).toHaveLength(8);
      expect((await runCli([...scan, '--units', '1', '--json'], { cwd: tempDir() })).stderr).toBe('');
      expect(stdout).toContain(`:${port}: nothing answers (units 1, 2, 3, 71, 126, 200, 240, 247).`);
      expect(code).toBe(4);
    },
  );

  it.each([
    [['scan', 'solarman://127.0.0.1'], 'a logger stick answers only to its own serial number'],
    [['scan', 'nonsense'], 'expected serial:'],
    [['scan', '--units', '1,abc', '/dev/null'], 'expected a whole number from 1 to 247'],
    [['read', '/dev/null', '--address', '70000'], 'expected a whole number from 0 to 65535'],
    [['read', '/dev/null', '--address', '0', '--count', '100', '--type', 'f32'], 'do not fit into one read'],
  ])('says what is wrong with its arguments: %j', async (args, said) => {
    const { code, stderr } = await runCli(['modbus', ...args], { cwd: tempDir() });
    expect(stderr).toContain(said);
    expect(code).toBe(1);
  });
});
