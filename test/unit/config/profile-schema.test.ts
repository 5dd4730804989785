import { describe, expect, it } from 'vitest';
import { profileIssues } from '../../support/payload-profile.ts';

/** What is wrong with a profile of one rule. */
function issuesOf(rule: string): string[] {
  return profileIssues(`- ${rule}`);
}

describe('the form of a profile', () => {
  it('is right for what the documentation shows', () => {
    expect(
      issuesOf(`{ topic: '{room}/power', device: '{device}-{room}', value: { quantity: pv.power, unit: kW } }`),
    ).toEqual([]);
    expect(
      issuesOf(`{ at: 'list[]', device: '{device}-{index}', fields: { pv.power: { path: [a.b, '"1.8.0"'] } } }`),
    ).toEqual([]);
  });

  it.each([
    ['{ fields: { pv.powr: { path: p } } }', ['rules[0].fields.pv.powr: unknown quantity; did you mean pv.power?']],
    [
      '{ value: { quantity: gridpower } }',
      ['rules[0].value.quantity: unknown quantity, received "gridpower"; did you mean grid.power?'],
    ],
    [
      '{ fields: { pv.power: { path: p, unit: kWh } } }',
      ['rules[0].fields.pv.power: expected a unit that becomes W, not kWh'],
    ],
    [
      '{ value: { quantity: energy.generated.total, unit: W } }',
      ['rules[0].value.quantity: expected a unit that becomes Wh, not W, received "energy.generated.total"'],
    ],
    [
      '{ value: { quantity: pv.power }, fields: { pv.power: { path: p } } }',
      ['rules[0]: expected either value or fields'],
    ],
    ['{ topic: a }', ['rules[0]: expected either value or fields']],
    ['{ fields: { pv.power: { path: p, sum: [a, b] } } }', ['rules[0].fields.pv.power: expected either path or sum']],
    ['{ fields: { pv.power: { unit: W } } }', ['rules[0].fields.pv.power: expected either path or sum']],
    [
      "{ device: '{device}-{serial}', value: { quantity: pv.power } }",
      ['rules[0].device: expected {serial} in the topic too, received "{device}-{serial}"'],
    ],
    [
      "{ topic: '{a}/{a}', value: { quantity: pv.power } }",
      ['rules[0].topic: expected a name of its own for each level, received "{a}/{a}"'],
    ],
    [
      "{ topic: '{Serial}/power', value: { quantity: pv.power } }",
      ['rules[0].topic: expected names of lower-case letters between { and }, received "{Serial}/power"'],
    ],
    [
      '{ topic: "shellies/#", value: { quantity: pv.power } }',
      [
        'rules[0].topic: expected its last levels without #: what stands before them does not matter, received "shellies/#"',
      ],
    ],
    [
      '{ fields: { pv.power: { path: a..b } } }',
      [
        'rules[0].fields.pv.power.path: expected a path such as ENERGY.Power, emeters[0].power or "1.8.0", received "a..b"',
      ],
    ],
    [
      '{ at: "list[].x", fields: { pv.power: { path: a } } }',
      ['rules[0].at: expected a path such as Body.Data, Body.* or emeters[], received "list[].x"'],
    ],
    [
      '{ when: [{ path: a }], fields: { pv.power: { path: a } } }',
      ['rules[0].when[0]: expected equals, not, present, above or below'],
    ],
    [
      '{ fields: { pv.power: { path: a, factor: 0 } } }',
      ['rules[0].fields.pv.power.factor: expected a number other than 0, received 0'],
    ],
    [
      '{ fields: { pv.power: { pth: a } } }',
      [
        'rules[0].fields.pv.power.pth: unknown key; did you mean path?',
        'rules[0].fields.pv.power: expected either path or sum',
      ],
    ],
  ])('says of %s what is wrong', (rule, issues) => {
    expect(issuesOf(rule)).toEqual(issues);
  });
});
