/** Bodies are sent as gzip, where that saves a packet. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const gzipped = promisify(gzip);
const SMALLEST_COMPRESSED_BYTES = 1024;
const GZIP_LEVEL = 6;

/** Whether a body is sent compressed when that is not forbidden. */
export function isCompressible(body: Buffer): boolean {
  return body.length > SMALLEST_COMPRESSED_BYTES;
}

/** In another thread. The body must stay as it is until then, or nobody may use what becomes of it. */
export function compress(body: Buffer): Promise<Buffer> {
  return gzipped(body, { level: GZIP_LEVEL });
}
