/** Our master against devices that go wrong, over real ports and sockets. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { Bus, type ReadOutcome } from '../../src/sources/modbus/bus.ts';
import { makeLine } from '../../src/sources/modbus/line.ts';
import { FaultySlave, type Behaviour } from '../support/faulty-slave.ts';
import { LoggerStick } from '../support/logger-stick.ts';
import { rtuAnswer } from '../support/modbus-frames.ts';
import { lacks } from '../support/needs.ts';
import { PtyPair } from '../support/pty-pair.ts';
import { silentLog } from '../support/silent-log.ts';

const SERIAL = { baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1 } as const;
const LOGGER = 2_300_055_354;
const BLOCK = { unit: 1, fc: 3, start: 0x0100, count: 2 } as const;
const OTHER = { ...BLOCK, start: 0x0200 };

function open(line: Parameters<typeof makeLine>[0]['line'], timeoutMs = 1_000): Bus {
  const parts = makeLine({ line, serial: SERIAL, logger: LOGGER });
  const bus = new Bus({ ...parts, gapMs: 10, timeoutMs, clock: systemClock, log: silentLog });
  onTestFinished(() => bus.close());
  return bus;
}

/** A serial line whose device holds its addresses and behaves by the number of the request. */
async function serial(behave: (nth: number) => Behaviour, timeoutMs?: number): Promise<{ bus: Bus; pty: PtyPair }> {
  const pty = await PtyPair.create();
  let nth = 0;
  await FaultySlave.start(pty.slave, { word: (_, address) => address, behave: () => behave(nth++) });
  return { bus: open({ kind: 'serial', path: pty.master }, timeoutMs), pty };
}

function words(outcome: ReadOutcome): unknown {
  if (outcome.kind !== 'data') return outcome;
  const bytes = Buffer.from(outcome.bytes);
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(2 * i));
}

describe.skipIf(lacks({ programs: ['socat'] }))('a serial line', () => {
  it('puts an answer together that comes in pieces', async () => {
    const { bus } = await serial(() => ({ inPieces: true }));
    expect(words(await bus.read(BLOCK))).toEqual([0x0100, 0x0101]);
  });

  it('takes 0x0100 answered 700 ms late for nothing, and gives 0x0200 for 0x0200', async () => {
    const { bus } = await serial((nth) => (nth === 0 ? { afterMs: 700 } : {}), 500);
    expect(await bus.read(BLOCK)).toEqual({ kind: 'timeout' });
    expect(words(await bus.read(OTHER))).toEqual([0x0200, 0x0201]);
    expect(bus.counts).toMatchObject({ timeouts: 1, strays: 1 });
  });

  it('refuses a wrong checksum, and reads on', async () => {
    const { bus } = await serial((nth) => (nth === 0 ? { spoil: 'checksum' } : {}));
    expect(await bus.read(BLOCK)).toEqual({ kind: 'invalid', reason: 'wrong checksum' });
    expect(words(await bus.read(OTHER))).toEqual([0x0200, 0x0201]);
  });

  it.each([undefined, 0x90])('hands on an exception with the function byte %s', async (functionByte) => {
    const { bus } = await serial(() => ({ exception: { code: 2, ...(functionByte && { functionByte }) } }));
    expect(await bus.read(BLOCK)).toEqual({ kind: 'exception', code: 2 });
  });

  it('is opened again after its adapter was unplugged and plugged in', async () => {
    const pty = await PtyPair.create();
    const device = { word: (_: number, address: number) => address, behave: () => ({}) };
    await FaultySlave.start(pty.slave, device);
    const bus = open({ kind: 'serial', path: pty.master });
    expect(words(await bus.read(BLOCK))).toEqual([0x0100, 0x0101]);
    await pty.unplug();
    await expect.poll(async () => (await bus.read(BLOCK)).kind, { timeout: 10_000 }).toBe('down');
    expect(bus.down).not.toBeNull();
    await pty.plug();
    await FaultySlave.start(pty.slave, device);
    await expect.poll(async () => words(await bus.read(BLOCK)), { timeout: 20_000 }).toEqual([0x0100, 0x0101]);
    expect(bus.counts.openings).toBeGreaterThan(1);
  });

  it('that another process has open cannot be opened, and says so', async () => {
    const { bus, pty } = await serial(() => ({}));
    await bus.read(BLOCK);
    expect(await open({ kind: 'serial', path: pty.master }).read(BLOCK)).toMatchObject({
      kind: 'down',
      reason: expect.stringMatching(/lock/) as string,
    });
  });
});

describe('a logger stick', () => {
  it('is asked with frames it has nothing to complain of, and gives what the inverter says', async () => {
    const stick = await LoggerStick.start({ logger: LOGGER, word: (address) => (address < 0x0300 ? address : null) });
    const bus = open({ kind: 'solarman', host: '127.0.0.1', port: stick.port });
    expect(words(await bus.read(BLOCK))).toEqual([0x0100, 0x0101]);
    expect(await bus.read({ ...BLOCK, start: 0x02ff })).toEqual({ kind: 'exception', code: 2 });
    expect(stick.complaints).toEqual([]);
  });

  it('is heard out when it says something of its own first', async () => {
    const stick = await LoggerStick.start({ logger: LOGGER, word: (address) => address, odd: ['heartbeat first'] });
    const bus = open({ kind: 'solarman', host: '127.0.0.1', port: stick.port });
    expect(words(await bus.read(BLOCK))).toEqual([0x0100, 0x0101]);
    expect(bus.counts.strays).toBe(0);
  });

  it('gives nothing while its inverter sleeps, and values when it is awake', async () => {
    const stick = await LoggerStick.start({ logger: LOGGER, word: (address) => address, odd: ['sleeps'] });
    const bus = open({ kind: 'solarman', host: '127.0.0.1', port: stick.port });
    expect(await bus.read(BLOCK)).toEqual({ kind: 'invalid', reason: 'no Modbus frame in it' });
    expect(words(await bus.read(BLOCK))).toEqual([0x0100, 0x0101]);
  });

  it('is connected to again after it hung up', async () => {
    const stick = await LoggerStick.start({ logger: LOGGER, word: (address) => address, odd: ['hangs up'] });
    const bus = open({ kind: 'solarman', host: '127.0.0.1', port: stick.port });
    expect(await bus.read(BLOCK)).toEqual({ kind: 'down', reason: 'the connection was closed' });
    await expect.poll(async () => words(await bus.read(BLOCK)), { timeout: 15_000 }).toEqual([0x0100, 0x0101]);
    expect(stick.connections).toBe(2);
  });
});

describe('a converter that sends RTU frames over TCP', () => {
  it('is read like a serial line', async () => {
    const server = createServer((socket) =>
      socket.on('data', () => socket.write(rtuAnswer(BLOCK, Uint8Array.of(1, 2, 3, 4)))),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const bus = open({ kind: 'rtu-tcp', host: '127.0.0.1', port });
    expect(words(await bus.read(BLOCK))).toEqual([0x0102, 0x0304]);
    await bus.close();
  });
});

describe('a line on the network', () => {
  it('that nobody serves is down, with the reason, and is tried again later and later', async () => {
    const bus = open({ kind: 'tcp', host: '127.0.0.1', port: 1 });
    expect(await bus.read(BLOCK)).toMatchObject({
      kind: 'down',
      reason: expect.stringContaining('ECONNREFUSED') as string,
    });
    await expect.poll(async () => (await bus.read(BLOCK)).kind && bus.counts.openings, { timeout: 10_000 }).toBe(2);
  });
});
