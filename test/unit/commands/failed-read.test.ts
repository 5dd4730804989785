import { describe, expect, it } from 'vitest';
import { failedRead } from '../../../src/commands/failed-read.ts';
import { EXIT } from '../../../src/model/error.ts';
import type { ReadOutcome } from '../../../src/sources/modbus/bus.ts';

type Failed = Parameters<typeof failedRead>[0];
const TIMEOUT: Failed = { kind: 'timeout' };
const exception = (code: number): Failed => ({ kind: 'exception', code });
const WIRES = /wires A and B/;

describe('what `gateway modbus read` says when no value came', () => {
  it('of a register that is not there: address and function code, not the wires', () => {
    const { message, hint, exitCode } = failedRead(exception(2), 'serial');
    expect(message).toBe('the device answers with exception 2: it has no such register');
    expect(hint).toContain('--address');
    expect(hint).toContain('--fc');
    expect(hint).not.toMatch(WIRES);
    expect(exitCode).toBe(EXIT.failing);
  });

  it('of a device that answers at all: nothing of the wires', () => {
    for (const code of [1, 2, 3, 4, 6, 10, 11]) expect(failedRead(exception(code), 'serial').hint).not.toMatch(WIRES);
    expect(failedRead(exception(1), 'serial').hint).toContain('--fc');
    expect(failedRead(exception(3), 'serial').hint).toContain('--count');
    expect(failedRead(exception(11), 'tcp').hint).toContain('--unit');
  });

  it('of silence: the wires where there are any', () => {
    expect(failedRead(TIMEOUT, 'serial').hint).toMatch(WIRES);
    expect(failedRead(TIMEOUT, 'rtu-tcp').hint).toMatch(WIRES);
    for (const kind of ['tcp', 'solarman'] as const) {
      expect(failedRead(TIMEOUT, kind).hint).not.toMatch(WIRES);
      expect(failedRead(TIMEOUT, kind).hint).not.toMatch(/speed|parity/);
      expect(failedRead(TIMEOUT, kind).hint).toContain('--unit');
    }
  });

  it('of a line that cannot be opened: where it is', () => {
    const down: ReadOutcome = { kind: 'down', reason: 'no such file' };
    expect(failedRead(down, 'serial')).toMatchObject({ message: 'the line cannot be opened: no such file' });
    expect(failedRead(down, 'serial').hint).toContain('/dev/serial/by-id');
    expect(failedRead(down, 'tcp').hint).toContain('port');
    for (const kind of ['serial', 'tcp'] as const) expect(failedRead(down, kind).hint).not.toMatch(WIRES);
  });

  it('of bytes that are no answer: the settings of the line', () => {
    const invalid: ReadOutcome = { kind: 'invalid', reason: 'wrong checksum' };
    expect(failedRead(invalid, 'serial').hint).toMatch(/--baud and --parity/);
    expect(failedRead(invalid, 'tcp').hint).not.toMatch(/--baud|--parity/);
  });
});
