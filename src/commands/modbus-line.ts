import { parseLineAddress, type LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { SerialLine } from '../model/profile-data.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { Bus } from '../sources/modbus/bus.ts';
import { mbap } from '../sources/modbus/framing/mbap.ts';
import { rtu } from '../sources/modbus/framing/rtu.ts';
import { solarman } from '../sources/modbus/framing/solarman.ts';
import { SerialLink } from '../sources/modbus/link/serial-link.ts';
import { TcpLink } from '../sources/modbus/link/tcp-link.ts';

export interface LineOptions {
  readonly address: LineAddress;
  readonly serial: SerialLine;
  readonly logger: number | null;
  readonly gapMs: number;
  readonly timeoutMs: number;
}

const nothing = (): void => undefined;
const QUIET: Log = { error: nothing, warn: nothing, info: nothing, debug: nothing, child: () => QUIET };

/** Throws a GatewayError (usage) for an address that cannot be one. */
export function lineAddress(text: string): LineAddress {
  const address = parseLineAddress(text.startsWith('/') ? `serial:${text}` : text);
  if (!('flaw' in address)) return address;
  throw new GatewayError(`${text}: ${address.flaw}`, {
    hint: 'Such as /dev/ttyUSB0, tcp://192.168.1.20 or solarman://192.168.1.20.',
    exitCode: EXIT.usage,
  });
}

/** A bus of one's own, for a command; to be closed. */
export function openLine({ address, serial, logger, gapMs, timeoutMs }: LineOptions, clock: Clock): Bus {
  const link =
    address.kind === 'serial'
      ? new SerialLink({ path: address.path, ...serial })
      : new TcpLink(address.host, address.port);
  const framing = address.kind === 'tcp' ? mbap : address.kind === 'solarman' ? solarman(logger ?? 0) : rtu;
  return new Bus({ link, framing, gapMs, timeoutMs, clock, log: QUIET });
}
