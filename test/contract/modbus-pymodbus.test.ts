/** Our master against a slave of another author, over every kind of line it serves. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { Bus, type ReadOutcome } from '../../src/sources/modbus/bus.ts';
import { makeLine } from '../../src/sources/modbus/line.ts';
import { freePort } from '../support/free-port.ts';
import { lacks } from '../support/needs.ts';
import { PtyPair } from '../support/pty-pair.ts';
import { MODBUS_PEERS, Pymodbus, type SlaveWords } from '../support/pymodbus.ts';
import { silentLog } from '../support/silent-log.ts';

const UNITS: SlaveWords = {
  1: { 3: { 0x0200: '00020003ff830042' }, 4: { 0x2001: '5a453145' } },
  7: { 3: { 0x0200: '1111' } },
};
const SERIAL = { baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1 } as const;

async function overSerial(): Promise<Bus> {
  const pty = await PtyPair.create();
  await Pymodbus.start({ port: pty.slave }, UNITS);
  return open({ line: { kind: 'serial', path: pty.master }, serial: SERIAL, logger: null });
}

async function overTcp(): Promise<Bus> {
  const port = await freePort();
  await Pymodbus.start({ tcp: port }, UNITS);
  return open({ line: { kind: 'tcp', host: '127.0.0.1', port }, serial: SERIAL, logger: null });
}

function open(options: Parameters<typeof makeLine>[0]): Bus {
  const bus = new Bus({ ...makeLine(options), gapMs: 10, timeoutMs: 2_000, clock: systemClock, log: silentLog });
  onTestFinished(() => bus.close());
  return bus;
}

function hexOf(outcome: ReadOutcome): string {
  return outcome.kind === 'data' ? Buffer.from(outcome.bytes).toString('hex') : JSON.stringify(outcome);
}

describe.skipIf(lacks(MODBUS_PEERS)).each([
  ['RTU on a serial line', overSerial],
  ['Modbus TCP', overTcp],
])('pymodbus over %s', (_, connect) => {
  it('gives the registers that are asked for, of each unit and function', async () => {
    const bus = await connect();
    expect(hexOf(await bus.read({ unit: 1, fc: 3, start: 0x0200, count: 4 }))).toBe('00020003ff830042');
    expect(hexOf(await bus.read({ unit: 1, fc: 3, start: 0x0202, count: 1 }))).toBe('ff83');
    expect(hexOf(await bus.read({ unit: 1, fc: 4, start: 0x2001, count: 2 }))).toBe('5a453145');
    expect(hexOf(await bus.read({ unit: 7, fc: 3, start: 0x0200, count: 1 }))).toBe('1111');
  });

  it('says exception 2 of registers it does not have', async () => {
    const bus = await connect();
    expect(await bus.read({ unit: 1, fc: 3, start: 0x0203, count: 2 })).toEqual({ kind: 'exception', code: 2 });
  });

  it('answers a hundred requests that are made at once, each with its own registers', async () => {
    const bus = await connect();
    const starts = Array.from({ length: 100 }, (_, i) => 0x0200 + (i % 4));
    const outcomes = await Promise.all(starts.map((start) => bus.read({ unit: 1, fc: 3, start, count: 1 })));
    expect(outcomes.map(hexOf)).toEqual(starts.map((start) => ['0002', '0003', 'ff83', '0042'][start - 0x0200]));
  });
});
