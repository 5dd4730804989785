/** Answers of Modbus devices as they stand on the line, by the book and not by the code under test. */
import type { ReadRequest } from '../../src/sources/modbus/read-request.ts';

/** `01 03 02`, with and without blanks. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

export function rtuAnswer({ unit, fc }: ReadRequest, data: Uint8Array): Uint8Array {
  return withCrc(Uint8Array.of(unit, fc, data.length, ...data));
}

export function rtuException({ unit, fc }: ReadRequest, code: number, functionByte = fc | 0x80): Uint8Array {
  return withCrc(Uint8Array.of(unit, functionByte, code));
}

export function mbapAnswer({ unit, fc }: ReadRequest, sequence: number, data: Uint8Array): Uint8Array {
  return Uint8Array.of(sequence >> 8, sequence & 0xff, 0, 0, 0, data.length + 3, unit, fc, data.length, ...data);
}

/** A logger stick's frame around what the inverter said. */
export function solarmanAnswer(logger: number, sequence: number, inner: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(11 + 14 + inner.length + 2);
  frame.writeUInt8(0xa5, 0);
  frame.writeUInt16LE(14 + inner.length, 1);
  frame.writeUInt16LE(0x1510, 3);
  frame.writeUInt8(sequence & 0xff, 5);
  // The stick counts its own frames here.
  frame.writeUInt8(0x9c, 6);
  frame.writeUInt32LE(logger, 7);
  frame.set([2, 1], 11);
  frame.set(inner, 25);
  frame.writeUInt8(frame.subarray(1, -2).reduce((sum, byte) => sum + byte, 0) & 0xff, frame.length - 2);
  frame.writeUInt8(0x15, frame.length - 1);
  return new Uint8Array(frame);
}

/** Modbus over serial line V1.02, 6.2.2, bit by bit: the generator x¹⁶+x¹⁵+x²+1 over the reflected bytes. */
export function withCrc(body: Uint8Array): Uint8Array {
  let register = 0xffff;
  for (const byte of body)
    for (let bit = 0; bit < 8; bit++) {
      const carry = (register ^ (byte >> bit)) & 1;
      register = (register >> 1) ^ (carry === 1 ? 0xa001 : 0);
    }
  return Uint8Array.of(...body, register & 0xff, register >> 8);
}
