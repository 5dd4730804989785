import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/model/time.ts';
import type { ProgramResult } from '../../../src/platform/run-program.ts';
import { chronySaysYes, kernelSaysYes, systemProbes, TimeSync } from '../../../src/platform/time-sync.ts';
import { silentLog } from '../../support/silent-log.ts';
import { SteppedClock, settled } from '../../support/stepped-clock.ts';
import { tempDir } from '../../support/temp-dir.ts';

const exited = (stdout: string, code = 0): ProgramResult => ({ code, stdout });
const chrony = (reference: string, leap: string): ProgramResult =>
  exited(`Reference ID    : ${reference}\nStratum         : 3\nLeap status     : ${leap}\n`);
const debian = (status: number, answer: number): ProgramResult =>
  exited(`         mode: 0\n       offset: 0\n       status: ${status}\n  return value = ${answer}\n`, answer);
const busybox = (status: string, answer: string): ProgramResult =>
  exited(`    mode:         0\n-o  offset:       0 us\n    status:       ${status}\n    return value: ${answer}\n`);

describe('the probes', () => {
  it.each([
    ['synchronised', chrony('C0248F97 (192.36.143.151)', 'Normal'), true],
    ['about to insert a leap second', chrony('C0248F97 (192.36.143.151)', 'Insert second'), true],
    ['not synchronised', chrony('00000000 ()', 'Not synchronised'), false],
    ['its own reference', chrony('7F7F0101 ()', 'Normal'), false],
    ['not running', exited('506 Cannot talk to daemon\n', 1), false],
    ['not installed', null, false],
  ])('read chrony that is %s', (_, result, expected) => {
    expect(chronySaysYes(result)).toBe(expected);
  });

  it.each([
    ["Debian's, synchronised", debian(0x2001, 0), true],
    ["Debian's, unsynchronised", debian(0x40, 5), false],
    ["busybox's, synchronised", busybox('8193 (PLL)', '0 (clock synchronized)'), true],
    ["busybox's, unsynchronised", busybox('64 (UNSYNC)', '5 (clock not synchronized)'), false],
    ['missing', null, false],
    ['busybox without that applet', exited('adjtimex: applet not found\n', 127), false],
  ])('read adjtimex that is %s', (_, result, expected) => {
    expect(kernelSaysYes(result)).toBe(expected);
  });

  it('look for the flag of timesyncd', async () => {
    const flag = join(tempDir(), 'synchronized');
    const [timesyncd] = systemProbes(flag, () => Promise.resolve(null));
    expect(await timesyncd?.synchronised()).toBe(false);
    writeFileSync(flag, '');
    expect(await timesyncd?.synchronised()).toBe(true);
  });

  it('fall back to busybox where adjtimex is not installed', async () => {
    const asked: string[] = [];
    const probe = systemProbes('/nowhere', (program) => {
      asked.push(program);
      return Promise.resolve(program === 'busybox' ? busybox('0', '0') : null);
    }).find(({ by }) => by === 'adjtimex');
    expect(await probe?.synchronised()).toBe(true);
    expect(asked).toEqual(['adjtimex', 'busybox']);
  });
});

describe('polling', () => {
  it('asks once a minute until a yes is believed, and then never again', async () => {
    const clock = new SteppedClock(0);
    const answers = [false, true, true];
    const told: boolean[] = [];
    const sync = new TimeSync({
      probes: [{ by: 'timesyncd', synchronised: () => Promise.resolve(answers.shift() ?? true) }],
      clock,
      log: silentLog,
      onSynchronised: () => {
        told.push(told.length > 0);
        return told.at(-1) === true;
      },
    });
    sync.start();
    await settled();
    expect(told).toEqual([]);
    await clock.advance(MINUTE);
    expect(told).toEqual([false]);
    await clock.advance(MINUTE);
    expect(told).toEqual([false, true]);
    await clock.advance(10 * MINUTE);
    expect(told).toHaveLength(2);
    expect(clock.sleeping).toBe(0);
    await sync.stop();
  });

  it('stops while it waits', async () => {
    const clock = new SteppedClock(0);
    const sync = new TimeSync({ probes: [], clock, log: silentLog, onSynchronised: () => true });
    sync.start();
    await settled();
    expect(clock.sleeping).toBe(1);
    await sync.stop();
    expect(clock.sleeping).toBe(0);
  });
});
