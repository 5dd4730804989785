import type { Duplex } from 'node:stream';

/**
 * Watches the framing of the MQTT packets a peer sends (MQTT 5, 2.1) and reports the first one above `maxBytes`, before
 * its body has arrived: the parsers gather a whole packet in memory, and MQTT 3.1.1 cannot tell a peer its limit.
 */
export function guardPacketSize(stream: Duplex, maxBytes: number, onTooLarge: (bytes: number) => void): void {
  const measure = packetMeter(maxBytes);
  const inspect = (chunk: Uint8Array): void => {
    const tooLarge = measure(chunk);
    if (tooLarge === null) return;
    stream.removeListener('data', inspect);
    onTooLarge(tooLarge);
  };
  stream.on('data', inspect);
}

/** Follows a byte stream of MQTT packets; returns the size of the first packet above the limit, else null. */
export function packetMeter(maxBytes: number): (chunk: Uint8Array) => number | null {
  let state: 'type' | 'length' | 'body' = 'type';
  let remaining = 0;
  let shift = 0;
  return (chunk) => {
    let i = 0;
    while (i < chunk.length) {
      if (state === 'type') {
        i += 1;
        state = 'length';
        remaining = 0;
        shift = 0;
      } else if (state === 'length') {
        const byte = chunk[i] ?? 0;
        i += 1;
        remaining += (byte & 0x7f) * 2 ** shift;
        shift += 7;
        if (remaining > maxBytes) return remaining;
        if ((byte & 0x80) === 0) state = remaining === 0 ? 'type' : 'body';
      } else {
        const step = Math.min(remaining, chunk.length - i);
        i += step;
        remaining -= step;
        if (remaining === 0) state = 'type';
      }
    }
    return null;
  };
}
