/**
 * Solarman V5, the frame of logger sticks on port 8899 around an RTU frame:
 * `a5`, length of the payload (little-endian), control code, sequence, serial number of the logger, payload, sum, `15`.
 * The payload begins with 15 bytes in a request and 14 in an answer; the sum is of all bytes between the marks.
 */
import { decodeRtu, rtu } from './rtu.ts';
import { INCOMPLETE, invalid, type Framing } from './framing.ts';

const START = 0xa5;
const END = 0x15;
const REQUEST = 0x4510;
const RESPONSE = 0x1510;
const HEADER_BYTES = 11;
const ANSWER_PREFIX_BYTES = 14;
/** 2: the inverter. */
const FRAME_TYPE = 2;

/** `logger` is the serial number printed on the stick. */
export function solarman(logger: number): Framing {
  return {
    // The stick numbers frames, but may hand on what an inverter said late under a new number.
    identifies: false,
    encode(request, sequence) {
      const inner = rtu.encode(request, sequence);
      const payload = Uint8Array.of(FRAME_TYPE, ...new Uint8Array(14), ...inner);
      const frame = new DataView(new ArrayBuffer(HEADER_BYTES + payload.length + 2));
      frame.setUint8(0, START);
      frame.setUint16(1, payload.length, true);
      frame.setUint16(3, REQUEST, true);
      frame.setUint16(5, sequence & 0xff, true);
      frame.setUint32(7, logger, true);
      const bytes = new Uint8Array(frame.buffer);
      bytes.set(payload, HEADER_BYTES);
      bytes[bytes.length - 2] = sum(bytes);
      bytes[bytes.length - 1] = END;
      return bytes;
    },
    decode(received, request, sequence) {
      if (received.length < HEADER_BYTES) return INCOMPLETE;
      const view = new DataView(received.buffer, received.byteOffset, received.byteLength);
      if (view.getUint8(0) !== START) return invalid('not a Solarman frame');
      const length = HEADER_BYTES + view.getUint16(1, true) + 2;
      if (length > 512) return invalid('a Solarman frame that is too long');
      if (received.length < length) return INCOMPLETE;
      const frame = received.subarray(0, length);
      if (frame[length - 1] !== END || frame[length - 2] !== sum(frame)) return invalid('wrong checksum of the logger');
      const isAnswer = view.getUint16(3, true) === RESPONSE;
      // Heartbeats and hellos of the stick, and answers to requests that were given up.
      if (!isAnswer || view.getUint8(5) !== (sequence & 0xff))
        return { kind: 'foreign', bytes: length, late: isAnswer };
      if (view.getUint32(7, true) !== logger) return invalid(`logger ${view.getUint32(7, true)} instead of ${logger}`);
      const inner = frame.subarray(HEADER_BYTES + ANSWER_PREFIX_BYTES, length - 2);
      const decoded = decodeRtu(inner, request);
      return decoded.kind === 'incomplete' ? invalid('no Modbus frame in it') : decoded;
    },
  };
}

function sum(frame: Uint8Array): number {
  return frame.subarray(1, -2).reduce((total, byte) => (total + byte) & 0xff, 0);
}
