import { parseLineAddress, type LineAddress } from '../config/line-address.ts';
import { EXIT, GatewayError } from '../model/error.ts';
import type { SerialLine } from '../model/profile-data.ts';
import type { Clock } from '../platform/clock.ts';
import { Bus } from '../sources/modbus/bus.ts';
import { makeLine } from '../sources/modbus/line.ts';
import { SILENT_LOG } from './silent-log.ts';

export interface LineOptions {
  readonly address: LineAddress;
  readonly serial: SerialLine;
  /** Serial number of a logger stick. */
  readonly logger: number | null;
  readonly gapMs: number;
  readonly timeoutMs: number;
}

/** Throws a GatewayError (usage) for an address that cannot be one, or that needs the number of a logger. */
export function lineAddress(text: string, logger: number | null): LineAddress {
  const address = parseLineAddress(text.startsWith('/') ? `serial:${text}` : text);
  if ('flaw' in address)
    throw new GatewayError(`${text}: ${address.flaw}`, {
      hint: 'Such as /dev/ttyUSB0, tcp://192.168.1.20 or solarman://192.168.1.20.',
      exitCode: EXIT.usage,
    });
  if (address.kind === 'solarman' && logger === null)
    throw new GatewayError(`${text}: a logger stick answers only to its own serial number`, {
      hint: 'Give the number that is printed on the stick: --logger 2300012345.',
      exitCode: EXIT.usage,
    });
  return address;
}

/** A bus of one's own, for a command; to be closed. */
export function openLine({ address, serial, logger, gapMs, timeoutMs }: LineOptions, clock: Clock): Bus {
  return new Bus({ ...makeLine({ line: address, serial, logger }), gapMs, timeoutMs, clock, log: SILENT_LOG });
}
