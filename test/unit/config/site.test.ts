import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/config/redact.ts';
import { warnedDevices } from '../../../src/config/site-warnings.ts';
import { issuesOf, load } from '../../support/configuration.ts';

const file = (site: string): { files: Record<string, string> } => ({ files: { 'gateway.yaml': `site: ${site}\n` } });

describe('the site of a configuration', () => {
  it('names its devices; what is left out it does not have', () => {
    const config = load(file('{ grid: grid-meter, pv: [roof], maxAge: 1m }'));
    expect(config.site).toEqual({ grid: 'grid-meter', pv: ['roof'], battery: [], chargers: [], maxAgeMs: 60_000 });
    expect(redact(config)).toContain(
      'site:\n  grid: grid-meter\n  pv:\n    - roof\n  battery: []\n  chargers: []\n  maxAge: 1m',
    );
    expect(redact(load({}))).not.toContain('site');
  });

  it.each([
    ['{ pv: [roof] }', ['site.grid: expected the name of a device']],
    ['{ grid: m, pv: roof }', ['site.pv: expected a list of devices, received "roof"']],
    ['{ grid: m, pv: [roof, roof] }', ['site.pv[1]: expected each device once, received "roof"']],
    [
      '{ grid: m, battery: [site] }',
      ['site: expected devices that measure; site is the device of what is derived from them'],
    ],
    ['{ grid: m, batery: [x] }', ['site.batery: unknown key; did you mean battery?']],
    ['{ grid: m, maxAge: 2h }', ['site.maxAge: expected between 1s and 1h, received "2h"']],
  ])('%s is wrong', (site, issues) => {
    expect(issuesOf(file(site))).toEqual(issues);
  });
});

describe('a site whose devices', () => {
  const SOURCES = `
sources:
  - { type: mqtt, url: 'mqtt://b', topics: [amis/out] }
  - { type: modbus, name: roof, url: 'tcp://i', interval: 5s, devices: [{ profile: sofar-g3 }, { unit: 2, profile: sdm630, device: heat-pump }] }
  - { type: http, name: slow, url: 'http://s', profile: shelly-gen2, device: plug, interval: 60s }
  - { type: mqtt, name: zigbee, url: 'mqtt://b', topics: ['z/+'], profile: zigbee2mqtt, device: 'z-{2}' }
  - { type: mqtt, name: evcc, url: 'mqtt://b', topics: ['evcc/#'], profile: evcc, device: evcc }
`;
  const warned = (site: string): readonly (readonly [string, string])[] =>
    load({ files: { 'gateway.yaml': `${SOURCES}site: ${site}\n` } }).warnings.map(({ code, message, hint }) => {
      expect(code).toBe('site.gap');
      return [message, hint];
    });

  it('are brought by its sources, by a name that is known or that comes with a topic, warns of nothing', () => {
    expect(warned('{ grid: grid-meter, pv: [inverter, z-balcony], chargers: [evcc-loadpoint-1, heat-pump] }')).toEqual(
      [],
    );
    expect(load({}).warnings).toEqual([]);
  });

  it('nobody brings is told so, with what was meant', () => {
    expect(warned('{ grid: gridmeter, pv: [balcony] }')).toEqual([
      [expect.stringContaining('No source brings a device gridmeter (site.grid)'), 'Did you mean grid-meter?'],
      [
        expect.stringContaining('No source brings a device balcony (site.pv)'),
        expect.stringMatching(/^The sources bring grid-meter, inverter, heat-pump, plug.*, evcc-loadpoint-\{n\}/),
      ],
    ]);
  });

  it('are named by its warnings, for whoever watches them', () => {
    const { site, sources } = load({
      files: { 'gateway.yaml': `${SOURCES}site: { grid: grid-meter, pv: [balcony], chargers: [plug] }\n` },
    });
    expect(site === null ? null : [...warnedDevices(site, sources)]).toEqual(['balcony', 'plug']);
  });

  it('are asked less often than their values are believed is told so', () => {
    expect(warned('{ grid: grid-meter, chargers: [plug] }')).toEqual([
      [
        'The device plug is asked every 1m, but for the site its values are too old after 30s.',
        'Set site.maxAge to more than 1m, or ask more often.',
      ],
    ]);
    expect(warned('{ grid: grid-meter, chargers: [plug], maxAge: 90s }')).toEqual([]);
  });
});
