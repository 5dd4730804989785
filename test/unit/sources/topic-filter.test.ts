import { describe, expect, it } from 'vitest';
import { topicMatcher } from '../../../src/sources/topic-filter.ts';

describe('A topic filter', () => {
  it.each([
    ['smartmeter/data', 'smartmeter/data', true],
    ['smartmeter/data', 'smartmeter', false],
    ['smartmeter', 'smartmeter/data', false],
    ['+', 'smartmeter', true],
    ['+', 'smartmeter/data', false],
    ['home/+/power', 'home//power', true],
    ['home/+/power', 'home/cellar/power', true],
    ['home/+/power', 'home/cellar/power/now', false],
    ['home/#', 'home', true],
    ['home/#', 'home/a/b', true],
    ['home/#', 'homes/a', false],
    ['#', 'any/thing', true],
    ['#', '$SYS/uptime', false],
    ['+/uptime', '$SYS/uptime', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['/data', 'data', false],
    ['+/data', '/data', true],
    ['$share/group/home/+', 'home/a', true],
    ['$share/group/home/+', 'away/a', false],
  ])('%s on %s matches: %s', (filter, topic, expected) => {
    expect(topicMatcher(['none', filter])(topic)).toBe(expected);
  });

  it('keeps its answers however many topics come by', () => {
    const matches = topicMatcher(['home/+']);
    for (let i = 0; i < 1_000; i++) expect(matches(`home/${i}`)).toBe(true);
    for (let i = 0; i < 1_000; i++) expect(matches(`away/${i}`)).toBe(false);
    expect(matches('home/1')).toBe(true);
  });
});
