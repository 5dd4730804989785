import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/config/redact.ts';
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
