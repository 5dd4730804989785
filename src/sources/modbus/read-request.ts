/** Reads are all there is: function codes that write have no form here. */
export type FunctionCode = 1 | 2 | 3 | 4;

export interface ReadRequest {
  readonly unit: number;
  readonly fc: FunctionCode;
  /** The address on the wire. */
  readonly start: number;
  /** Registers, or with function codes 1 and 2 single bits. */
  readonly count: number;
}

/** What a device says to a request. */
export type Answer =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'exception'; readonly code: number }
  /** Not what an answer to this request looks like. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** Some Sofar firmwares set this function byte in every exception (SOFAR Modbus-G3 V1.38, 4). */
const SOFAR_EXCEPTION = 0x90;

/** The request without unit and checksum (Modbus application protocol V1.1b3, 6.1 to 6.4). */
export function encodePdu({ fc, start, count }: ReadRequest): Uint8Array {
  return Uint8Array.of(fc, start >> 8, start & 0xff, count >> 8, count & 0xff);
}

/** Bytes of data a good answer has. */
export function answerBytes({ fc, count }: ReadRequest): number {
  return fc <= 2 ? Math.ceil(count / 8) : 2 * count;
}

/** Whether a function byte announces an exception to this request. */
export function isException({ fc }: ReadRequest, functionByte: number): boolean {
  return functionByte === (fc | 0x80) || functionByte === SOFAR_EXCEPTION;
}

/** Holds an answer, without unit and checksum, against its request. */
export function readPdu(request: ReadRequest, pdu: Uint8Array): Answer {
  const [functionByte = 0, second = 0] = pdu;
  if (isException(request, functionByte))
    return pdu.length === 2 ? { kind: 'exception', code: second } : invalid('more bytes than an exception has');
  if (functionByte !== request.fc) return invalid(`function ${functionByte} instead of ${request.fc}`);
  const expected = answerBytes(request);
  if (second !== expected || pdu.length !== 2 + expected) return invalid(`${second} bytes instead of ${expected}`);
  return { kind: 'data', bytes: pdu.slice(2) };
}

function invalid(reason: string): Answer {
  return { kind: 'invalid', reason };
}
