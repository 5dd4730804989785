import { describe, expect, it } from 'vitest';
import { topicPattern } from '../../../../src/devices/payload/topic-pattern.ts';

describe('a pattern of topics', () => {
  it.each([
    ['ac/power', 'solar/ac/power', {}],
    ['ac/power', 'ac/power', {}],
    ['ac/power', '/ac/power', {}],
    ['ac/power', 'solar/ac/power/x', null],
    ['ac/power', 'solar/mac/power', null],
    ['ac/power', 'solar/ac/POWER', null],
    ['{serial}/0/power', 'solar/1141/0/power', { serial: '1141' }],
    ['{serial}/0/power', '0/power', null],
    ['{serial}/0/power', 'solar//0/power', null],
    ['a/+/c', 'x/a/b/c', {}],
    ['a/+/c', 'x/a/b/b/c', null],
    ['a/+/c', 'x/a//c', null],
    ['status/em1:{channel}', 'shelly/status/em1:2', { channel: '2' }],
    ['status/em1:{channel}', 'shelly/status/em1:', null],
    ['rpc/EM.GetStatus?id=0', 'rpc/EM.GetStatus?id=0', {}],
    ['rpc/EM.GetStatus?id=0', 'rpc/EMxGetStatus?id=0', null],
    ['{a}-{b}/x', 'one-two/x', { a: 'one', b: 'two' }],
    ['1.8.0/raw', 'vz/1x8x0/raw', null],
    ['{name}/x', 'line\nbreak/x', { name: 'line\nbreak' }],
  ])('%s against %j', (pattern, topic, levels) => {
    expect(topicPattern(pattern)(topic)).toEqual(levels);
  });
});
