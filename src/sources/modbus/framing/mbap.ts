/**
 * Modbus TCP (Modbus messaging on TCP/IP V1.0b, 3.1.3): a header with the number of the request, which the answer repeats.
 *
 * Our own, because a library would be a second owner of the line with a queue, time limits and reconnecting of its own, beside
 * those that RTU needs anyway, for these few lines. Verified against pymodbus in test/contract/modbus-pymodbus.test.ts.
 */
import { encodePdu, readPdu } from '../read-request.ts';
import { INCOMPLETE, invalid, type Framing } from './framing.ts';

const HEADER_BYTES = 7;
/** Unit and 253 bytes of data. */
const MAX_LENGTH = 254;

export const mbap: Framing = {
  identifies: true,
  encode(request, sequence) {
    const pdu = encodePdu(request);
    return Uint8Array.of(sequence >> 8, sequence & 0xff, 0, 0, 0, pdu.length + 1, request.unit, ...pdu);
  },
  decode(received, request, sequence) {
    if (received.length < HEADER_BYTES) return INCOMPLETE;
    const [high = 0, low = 0, protocolHigh, protocolLow, lengthHigh = 0, lengthLow = 0, unit] = received;
    const length = (lengthHigh << 8) | lengthLow;
    if (protocolHigh !== 0 || protocolLow !== 0 || length < 3 || length > MAX_LENGTH)
      return invalid('not a Modbus TCP header');
    const end = 6 + length;
    if (received.length < end) return INCOMPLETE;
    if (((high << 8) | low) !== (sequence & 0xffff)) return { kind: 'foreign', bytes: end, late: true };
    if (unit !== request.unit) return invalid(`unit ${unit} instead of ${request.unit}`);
    return { kind: 'answer', answer: readPdu(request, received.subarray(HEADER_BYTES, end)) };
  },
};
