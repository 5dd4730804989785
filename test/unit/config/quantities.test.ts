import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/config/redact.ts';
import { issuesOf, load, yaml } from '../../support/configuration.ts';

const source = (keys: string) => yaml(`url: mqtt://b\ntopics: [x]\n${keys}`);

describe('the quantities of a source', () => {
  it.each([
    ['quantities: [pv.*, battery.soc]', []],
    ['quantities: all', []],
    [
      'quantities: [pv.powr, battery.*]',
      ['sources[0].quantities[0]: unknown quantity, received "pv.powr"; did you mean pv.power?'],
    ],
    ['quantities: [solar.*]', ['sources[0].quantities[0]: unknown quantity, received "solar.*"']],
    [
      'quantities: some',
      [
        'sources[0].quantities: expected default, all, or a list of quantities such as [pv.*, battery.soc], received "some"',
      ],
    ],
    ["invert: ['grid.*power']", []],
    ['invert: [grid.powr]', ['sources[0].invert[0]: unknown quantity, received "grid.powr"; did you mean grid.power?']],
    [
      'invert: grid.power',
      ['sources[0].invert: expected a list of quantities such as [grid.power], received "grid.power"'],
    ],
  ])('%s', (keys, issues) => {
    expect(issuesOf(source(keys))).toEqual(issues);
  });

  it('that are inverted are in the configuration that is in force', () => {
    expect(redact(load(source('invert: [grid.power]')))).toContain('invert:\n      - grid.power');
    const modbus =
      "sources: [{ type: modbus, url: 'tcp://h', devices: [{ profile: sofar-g3, invert: [battery.power] }] }]";
    const config = load({ files: { 'gateway.yaml': modbus } });
    expect(config.sources).toMatchObject([{ devices: [{ invert: ['battery.power'] }] }]);
    expect(redact(config)).toContain('invert:\n          - battery.power');
    expect(redact(load({}))).not.toContain('invert');
  });
});
