import { formatLineAddress, type LineAddress } from '../config/line-address.ts';
import type { RegisterProfileData, SerialLine } from '../model/profile-data.ts';
import type { DurationMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import { QUIET } from '../sources/modbus/silence.ts';
import { detectMap, SILENT_AFTER, type Detection } from './detect-map.ts';
import { readLive, type LiveValues } from './live-values.ts';
import { openLine } from './modbus-line.ts';

/** What is at one line, speed and unit. Stable in `--json`: fields are added, never renamed. */
export interface ScanResult {
  readonly url: string;
  /** Null where the line has no speed of its own. */
  readonly baud: number | null;
  readonly parity: SerialLine['parity'] | null;
  /** Serial number of the logger stick; null where there is none. */
  readonly logger: number | null;
  /** How long it waited for an answer. */
  readonly timeoutMs: number;
  readonly unit: number;
  readonly detection: Detection | { readonly kind: 'down'; readonly reason: string };
  readonly live: LiveValues | null;
}

export interface LineScan {
  readonly address: LineAddress;
  /** Speeds to try where the line is a serial one. */
  readonly bauds: readonly number[];
  readonly parity: SerialLine['parity'];
  readonly units: readonly number[];
  readonly logger: number | null;
  readonly timeoutMs: number;
  readonly profiles: readonly RegisterProfileData[];
}

/** Behind an answer: what even cheap adapters take. */
const GAP_MS = 200;
/** Of a line on the network, whose speed is set at the converter. */
const NO_BAUD: readonly null[] = [null];

/** Every speed and unit of a line until a speed has shown a device; with the share that is done. */
export async function* scanLine(scan: LineScan, clock: Clock): AsyncGenerator<readonly [ScanResult, number]> {
  const { address, units, timeoutMs, profiles } = scan;
  const isSerial = address.kind === 'serial';
  const speeds: readonly (number | null)[] = isSerial ? scan.bauds : NO_BAUD;
  const parity = isSerial ? scan.parity : null;
  const logger = address.kind === 'solarman' ? scan.logger : null;
  for (const [s, baud] of speeds.entries()) {
    const serial = { baud: baud ?? 9600, parity: scan.parity, dataBits: 8, stopBits: 1 } as const;
    const bus = openLine({ address, serial, logger, gapMs: GAP_MS, timeoutMs }, clock);
    let found = false;
    try {
      for (const [u, unit] of units.entries()) {
        const detection = await detectMap(bus, unit, profiles);
        const at = { url: formatLineAddress(address), baud, parity, logger, timeoutMs, unit };
        const share = (s + (u + 1) / units.length) / speeds.length;
        if (bus.down !== null) {
          yield [{ ...at, detection: { kind: 'down', reason: `cannot be opened: ${bus.down}` }, live: null }, share];
          return;
        }
        const live = detection.kind === 'found' ? await readLive(bus, unit, detection.profile, clock) : null;
        found ||= detection.kind === 'found' || detection.kind === 'unknown';
        yield [{ ...at, detection, live }, share];
      }
    } finally {
      await bus.close();
    }
    if (found) return;
  }
}

/** How long it takes when nobody answers. */
export function longestSilenceMs({ address, bauds, units, timeoutMs }: LineScan): DurationMs {
  const speeds = address.kind === 'serial' ? bauds.length : 1;
  return speeds * units.length * SILENT_AFTER * (timeoutMs + QUIET);
}
