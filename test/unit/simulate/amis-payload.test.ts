import { describe, expect, it } from 'vitest';
import { AMIS_DEFAULTS, amisPayload, type AmisSettings } from '../../../src/simulate/amis-payload.ts';
import type { MeterReading } from '../../../src/simulate/meter.ts';

const WINTER = 1766079281;
const SIMULATOR: MeterReading = {
  at: WINTER * 1000 + 999,
  importWh: 10,
  exportWh: 11,
  importVarh: 12,
  exportVarh: 13,
  importW: 14,
  exportW: 15,
  importVar: 16,
  exportVar: 17,
  inkassoWh: 0,
};
const SERIAL = '3511D-SiMuLaToR-';

function payload(settings: Partial<AmisSettings>, reading: Partial<MeterReading> = {}): string {
  return amisPayload({ ...SIMULATOR, ...reading }, { ...AMIS_DEFAULTS, serial: SERIAL, ...settings });
}

describe('the payload of the AMIS reader', () => {
  it('is byte for byte that of firmware 1.5.9 and later', () => {
    expect(payload({})).toBe(
      '{"1.8.0":10,"2.8.0":11,"3.8.1":12,"4.8.1":13,"1.7.0":14,"2.7.0":15,"3.7.0":16,"4.7.0":17,"1.128.0":0,"saldo":-1,"time":1766079281,"serialnumber":"3511D-SiMuLaToR-"}',
    );
    const live = {
      importWh: 52680160,
      exportWh: 22571990,
      importVarh: 1429460,
      exportVarh: 3086146,
      importW: 501,
      exportW: 507,
      importVar: 0,
      exportVar: 256,
    };
    expect(payload({ serial: '1234567890123' }, live)).toBe(
      '{"1.8.0":52680160,"2.8.0":22571990,"3.8.1":1429460,"4.8.1":3086146,"1.7.0":501,"2.7.0":507,"3.7.0":0,"4.7.0":256,"1.128.0":0,"saldo":-6,"time":1766079281,"serialnumber":"1234567890123"}',
    );
  });

  it('is an hour ahead in winter and two in summer from firmware 1.4.6, without a serial number from 1.4.5', () => {
    expect(payload({ firmware: '1.4.6', serial: 'unbekannt' })).toBe(
      '{"1.8.0":10,"2.8.0":11,"3.8.1":12,"4.8.1":13,"1.7.0":14,"2.7.0":15,"3.7.0":16,"4.7.0":17,"1.128.0":0,"saldo":-1,"time":1766082881,"serialnumber":"unbekannt"}',
    );
    expect(payload({ firmware: '1.4.5' })).toMatch(/,"saldo":-1,"time":1766082881}$/);
    const july = Date.UTC(2025, 6, 1) / 1000;
    expect(JSON.parse(payload({ firmware: '1.4.6' }, { at: july * 1000 }))).toMatchObject({ time: july + 7200 });
    expect(JSON.parse(payload({ firmware: '1.5.7' }, { at: july * 1000 }))).toMatchObject({ time: july });
  });

  it('has a boolean for its time from firmware 1.5.8', () => {
    expect(payload({ firmware: '1.5.8' })).toBe(
      '{"1.8.0":10,"2.8.0":11,"3.8.1":12,"4.8.1":13,"1.7.0":14,"2.7.0":15,"3.7.0":16,"4.7.0":17,"1.128.0":0,"saldo":-1,"time":true,"serialnumber":"3511D-SiMuLaToR-"}',
    );
  });

  it('has neither time nor serial number from firmware 1.4.3, and underscores if so set', () => {
    const reading = { importWh: 27424805, exportWh: 70703, importVarh: 1429460, exportVarh: 3086146 };
    const powers = { importW: 501, exportW: 507, importVar: 0, exportVar: 256 };
    expect(payload({ firmware: '1.4.3', underscores: true }, { ...reading, ...powers })).toBe(
      '{"1_8_0":27424805,"2_8_0":70703,"3_8_1":1429460,"4_8_1":3086146,"1_7_0":501,"2_7_0":507,"3_7_0":0,"4_7_0":256,"1_128_0":0,"saldo":-6}',
    );
  });

  it('takes the offset from the saldo before it turns the sign', () => {
    expect(JSON.parse(payload({ saldoOffsetW: 10 }))).toMatchObject({ saldo: -11 });
    expect(JSON.parse(payload({ saldoOffsetW: 10, saldoNegated: true }))).toMatchObject({ saldo: 11 });
    expect(payload({ saldoNegated: true }, { importW: 5, exportW: 5 })).toContain('"saldo":0,');
  });

  it('shows a negative prepayment counter as each firmware did', () => {
    expect(JSON.parse(payload({}, { inkassoWh: -20 }))).toMatchObject({ '1.128.0': -20 });
    expect(JSON.parse(payload({ firmware: '1.5.7' }, { inkassoWh: -20 }))).toMatchObject({ '1.128.0': 4294967276 });
    expect(JSON.parse(payload({ firmware: '1.4.5' }, { inkassoWh: -20 }))).toMatchObject({ '1.128.0': 0 });
  });
});
