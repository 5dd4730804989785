import type { ReadRequest } from '../../src/sources/modbus/read-request.ts';

/** The request in the first bytes of an RTU frame, whose checksum is not looked at. */
export function rtuRequest(frame: Uint8Array): ReadRequest {
  const view = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  return {
    unit: view.readUInt8(0),
    fc: view.readUInt8(1) as ReadRequest['fc'],
    start: view.readUInt16BE(2),
    count: view.readUInt16BE(4),
  };
}
