import { centralEuropeOffset } from './central-europe.ts';
import type { MeterReading } from './meter.ts';

/**
 * Firmware versions of the AMIS reader that differ in what they publish. Each stands for those before it, down to the one
 * listed above it; `1.6.2` for everything from 1.5.9 on.
 */
export const FIRMWARES = ['1.4.3', '1.4.5', '1.4.6', '1.5.7', '1.5.8', '1.6.2'] as const;
export type Firmware = (typeof FIRMWARES)[number];

export interface AmisSettings {
  readonly firmware: Firmware;
  /** Text of at most 32 characters; the reader says `unbekannt` when it could not read it. */
  readonly serial: string;
  /** `rest_var`: `1_8_0` instead of `1.8.0`. */
  readonly underscores: boolean;
  /** `rest_ofs`: subtracted from the saldo, in W. */
  readonly saldoOffsetW: number;
  /** `rest_neg`: the saldo's sign turned, after the offset. */
  readonly saldoNegated: boolean;
}

export const AMIS_DEFAULTS: AmisSettings = {
  firmware: '1.6.2',
  serial: '1234567890123',
  underscores: false,
  saldoOffsetW: 0,
  saldoNegated: false,
};

/** The JSON the reader publishes, byte for byte. */
export function amisPayload(reading: MeterReading, settings: AmisSettings): string {
  const version = FIRMWARES.indexOf(settings.firmware);
  const from = (firmware: Firmware): boolean => version >= FIRMWARES.indexOf(firmware);
  const saldo = reading.importW - reading.exportW - settings.saldoOffsetW;
  const fields: Record<string, number | string | true> = {
    '1.8.0': reading.importWh,
    '2.8.0': reading.exportWh,
    '3.8.1': reading.importVarh,
    '4.8.1': reading.exportVarh,
    '1.7.0': reading.importW,
    '2.7.0': reading.exportW,
    '3.7.0': reading.importVar,
    '4.7.0': reading.exportVar,
    '1.128.0': inkasso(reading.inkassoWh, settings.firmware),
  };
  const published = settings.underscores
    ? Object.fromEntries(Object.entries(fields).map(([obis, value]) => [obis.replaceAll('.', '_'), value]))
    : fields;
  published['saldo'] = settings.saldoNegated ? 0 - saldo : saldo;
  if (from('1.4.5')) published['time'] = time(reading.at, settings.firmware);
  if (from('1.4.6')) published['serialnumber'] = settings.serial;
  return JSON.stringify(published);
}

/** A signed counter that 1.5.7 and older kept unsigned; up to 1.4.5 a frame where it is not zero was thrown away. */
function inkasso(wh: number, firmware: Firmware): number {
  if (firmware === '1.4.3' || firmware === '1.4.5') return 0;
  return firmware === '1.4.6' || firmware === '1.5.7' ? wh >>> 0 : wh;
}

/** Local wall time taken for UTC in 1.4.4 to 1.4.6; a 64-bit value printed as a boolean in 1.5.8. */
function time(at: number, firmware: Firmware): number | true {
  if (firmware === '1.5.8') return true;
  const ahead = firmware === '1.4.5' || firmware === '1.4.6' ? centralEuropeOffset(at) : 0;
  return Math.floor((at + ahead) / 1000);
}
