import type { Decoded, DecodedReadings, Profile } from '../devices/profile.ts';
import type { Log } from '../platform/log.ts';
import { deviceName, deviceNaming, type DeviceNaming } from './device-name.ts';
import { parsePayload } from './parse.ts';

export interface JudgeOptions {
  readonly profile: Profile;
  /** The device's name, or a template: `{2}` is the topic's second level. */
  readonly device: string;
  /** Larger payloads are refused unread; 64 KiB when absent. */
  readonly maxPayloadBytes?: number | undefined;
}

const MAX_PAYLOAD_BYTES = 64 * 1024;

/** Judges the payloads of one source: bytes to a reading or a reason. Knows no time and never throws. */
export class Judge {
  readonly #profile: Profile;
  readonly #device: string;
  readonly #naming: DeviceNaming;
  readonly #maxBytes: number;
  readonly #log: Log;

  constructor(options: JudgeOptions, log: Log) {
    this.#profile = options.profile;
    this.#device = options.device;
    this.#naming = deviceNaming(options.device);
    this.#maxBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES;
    this.#log = log;
  }

  judge(topic: string, bytes: Uint8Array): Decoded {
    const parsed = parsePayload(bytes, this.#maxBytes, this.#profile.takesText);
    if (parsed.kind !== 'json') return parsed;
    const device = this.#naming(topic);
    if (device === null) return { kind: 'refused', reason: `the topic gives no name for the device ${this.#device}` };
    try {
      const decoded = this.#profile.decode(parsed.value, { topic, device });
      return decoded.kind === 'readings' ? withFitNames(decoded, device) : decoded;
    } catch (error) {
      // Unacknowledged it would come again for ever, and hold up all that is behind it.
      this.#log.error({ err: error, topic, profile: this.#profile.name }, 'a profile failed on a payload');
      return { kind: 'refused', reason: `the profile ${this.#profile.name} failed on it` };
    }
  }
}

const NO_NAME = 'the topic gives no name for the device';

/** A profile may name devices after levels of the topic, which come from outside. */
function withFitNames(decoded: DecodedReadings, configured: string): Decoded {
  if (decoded.readings.every(({ device }) => device === configured)) return decoded;
  const refusedFields = [...decoded.refusedFields];
  const readings = decoded.readings.flatMap((reading) => {
    const device = deviceName(reading.device);
    if (device !== null) return [{ ...reading, device }];
    refusedFields.push(...reading.quantities.map((field) => ({ field, reason: NO_NAME })));
    return [];
  });
  if (readings.length === 0) return { kind: 'refused', reason: NO_NAME };
  return { ...decoded, readings, refusedFields };
}
