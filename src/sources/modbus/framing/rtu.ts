/** RTU frames (Modbus over serial line V1.02, 2.5.1), also as they are over TCP: unit, data, CRC. No answer is numbered. */
import { crc16 } from '../crc16.ts';
import { answerBytes, encodePdu, isException, readPdu, type ReadRequest } from '../read-request.ts';
import { INCOMPLETE, invalid, type Decoded, type Framing } from './framing.ts';

const EXCEPTION_BYTES = 5;

export const rtu: Framing = {
  identifies: false,
  encode(request) {
    const body = Uint8Array.of(request.unit, ...encodePdu(request));
    const crc = crc16(body);
    return Uint8Array.of(...body, crc & 0xff, crc >> 8);
  },
  decode: decodeRtu,
};

/** The frame must be all there is: what is more, or other, belongs to somebody else and makes the answer doubtful. */
export function decodeRtu(received: Uint8Array, request: ReadRequest): Decoded {
  const [unit, functionByte] = received;
  if (unit === undefined || functionByte === undefined) return INCOMPLETE;
  if (unit !== request.unit) return invalid(`unit ${unit} instead of ${request.unit}`);
  const length = isException(request, functionByte) ? EXCEPTION_BYTES : 3 + answerBytes(request) + 2;
  if (functionByte !== request.fc && length !== EXCEPTION_BYTES)
    return invalid(`function ${functionByte} instead of ${request.fc}`);
  if (length !== EXCEPTION_BYTES && received.length >= 3 && received[2] !== answerBytes(request))
    return invalid(`${received[2]} bytes instead of ${answerBytes(request)}`);
  if (received.length < length) return INCOMPLETE;
  if (received.length > length) return invalid('more bytes than an answer has');
  const crc = crc16(received.subarray(0, length - 2));
  if (received[length - 2] !== (crc & 0xff) || received[length - 1] !== crc >> 8) return invalid('wrong checksum');
  return { kind: 'answer', answer: readPdu(request, received.subarray(1, length - 2)) };
}
