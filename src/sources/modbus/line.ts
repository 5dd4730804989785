/** What is at a line's address: how its bytes travel, and how they are framed. */
import type { Framing } from './framing/framing.ts';
import { mbap } from './framing/mbap.ts';
import { rtu } from './framing/rtu.ts';
import { solarman } from './framing/solarman.ts';
import type { Link } from './link/link.ts';
import { SerialLink, type SerialOptions } from './link/serial-link.ts';
import { TcpLink } from './link/tcp-link.ts';

export interface LineOptions {
  readonly line:
    | { readonly kind: 'serial'; readonly path: string }
    | { readonly kind: 'rtu-tcp' | 'tcp' | 'solarman'; readonly host: string; readonly port: number };
  /** How a serial line is set. */
  readonly serial: Omit<SerialOptions, 'path'>;
  /** Serial number of a logger stick; null where there is none. */
  readonly logger: number | null;
}

/** Link and framing of a line; nothing is opened yet. */
export function makeLine({ line, serial, logger }: LineOptions): { readonly link: Link; readonly framing: Framing } {
  if (line.kind === 'serial') return { link: new SerialLink({ path: line.path, ...serial }), framing: rtu };
  const link = new TcpLink(line.host, line.port);
  if (line.kind === 'rtu-tcp') return { link, framing: rtu };
  return { link, framing: line.kind === 'tcp' ? mbap : solarman(logger ?? 0) };
}
