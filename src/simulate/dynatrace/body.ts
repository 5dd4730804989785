import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** A body as text, or why there is none. */
export type Decoded =
  | { readonly kind: 'text'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'corrupt' | 'too-large' | 'unknown-encoding' };

/** More than any limit of the API: bodies are read to their end, so that the client gets to see the answer. */
const MAX_BYTES = 32_000_000;

/** The raw body; what is beyond 32 MB is read and forgotten. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= MAX_BYTES + 65_536) parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Undoes `Content-Encoding`. */
export function decode(raw: Buffer, encoding: string): Decoded {
  if (encoding !== 'identity' && encoding !== 'gzip') return { kind: 'unknown-encoding' };
  if (raw.length > MAX_BYTES) return { kind: 'too-large' };
  let plain = raw;
  if (encoding === 'gzip') {
    try {
      plain = gunzipSync(raw, { maxOutputLength: MAX_BYTES });
    } catch (error) {
      return { kind: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'corrupt' };
    }
  }
  return isUtf8(plain) ? { kind: 'text', text: plain.toString(), bytes: plain.length } : { kind: 'corrupt' };
}
