import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../src/model/time.ts';
import { createLog, type LogOptions } from '../../../src/platform/pino-log.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { anyPassword, shownIn } from '../../support/secret-shapes.ts';
import { TwoClocks } from '../../support/two-clocks.ts';

async function open(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const clock = new TwoClocks(0);
  const log = await createLog({
    level: 'info',
    pretty: false,
    destination: { write: (line) => void lines.push(line) },
    clock,
    ...options,
  });
  const records = (): Record<string, unknown>[] =>
    lines.map((line) => {
      const { time: _, ...rest } = JSON.parse(line) as Record<string, unknown>;
      return rest;
    });
  return { log, clock, lines, records };
}

describe('the log', () => {
  it('writes one JSON object per line with the level, the time and the fields of the component', async () => {
    const { log, lines, records } = await open();
    log.child({ source: 'meter' }).warn({ attempt: 2 }, 'not connected');
    expect(records()).toEqual([{ level: 'warn', source: 'meter', attempt: 2, msg: 'not connected' }]);
    expect(lines[0]).toMatch(/"time":"\d{4}-\d\d-\d\dT[\d:.]+Z".*\n$/);
  });

  it('is silent below its level', async () => {
    const { log, lines } = await open({ level: 'warn' });
    log.info({}, 'a');
    log.debug({}, 'b');
    expect(lines).toEqual([]);
  });

  it('writes a readable line for a terminal', async () => {
    const { log, lines } = await open({ pretty: true });
    log.info({ by: 'timesyncd' }, 'the clock is confirmed');
    expect(lines.join('')).toMatch(/INFO.*the clock is confirmed.*timesyncd/s);
    expect(lines.join('')).not.toMatch(/^\{/);
  });

  it('writes errors with their text and stack', async () => {
    const { log, records } = await open();
    log.error({ err: new Error('disk full') }, 'cannot store');
    expect(records()[0]?.['err']).toMatchObject({ message: 'disk full', stack: expect.stringContaining('Error') });
  });

  it.each([false, true])('never shows a secret, wherever it stands (pretty: %s)', async (pretty) => {
    const { log, lines } = await open({ pretty, level: 'debug' });
    fc.assert(
      fc.property(anyPassword, fc.string({ maxLength: 8 }), (secret, more) => {
        const secrets = [secret, `${secret}${more}`];
        for (const value of secrets) void new Secret({ value });
        for (const shown of secrets) {
          lines.length = 0;
          log.child({ binding: shown }).debug({ ...fieldsWith(shown), [shown]: 1 }, `sent ${shown} to the broker`);
          expect(lines).toHaveLength(1);
          expect(shownIn(lines.join(''), secrets)).toEqual([]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('stays JSON, with its numbers, its level and its time, when a secret is part of those', async () => {
    const { log, lines } = await open();
    for (const value of ['1234', 'info', '"msg":"', new Date().toISOString().slice(0, 4)]) void new Secret({ value });
    log.info({ port: 12_345, password: '1234' }, 'info: logged in with 1234');
    const { time, ...record } = JSON.parse(lines.join('')) as Record<string, unknown>;
    expect(record).toEqual({ level: 'info', port: 12_345, password: '***', msg: '***: logged in with ***' });
    expect(Date.parse(String(time))).toBeGreaterThan(0);
  });

  it('writes the same message at most once in 30 s, and then says how often it was held back', async () => {
    const { log, clock, records } = await open();
    for (let i = 0; i < 5; i++) log.warn({ i }, 'not connected');
    log.error({}, 'not connected');
    log.child({ source: 'meter' }).warn({}, 'not connected');
    log.warn({ source: 'inverter' }, 'not connected');
    clock.pass(30 * SECOND);
    log.warn({ i: 5 }, 'not connected');
    expect(records()).toEqual([
      { level: 'warn', i: 0, msg: 'not connected' },
      { level: 'error', msg: 'not connected' },
      { level: 'warn', source: 'meter', msg: 'not connected' },
      { level: 'warn', source: 'inverter', msg: 'not connected' },
      { level: 'warn', i: 5, repeated: 4, msg: 'not connected' },
    ]);
  });
});

/** A secret in every part of an error, in data and within JSON within a text. */
function fieldsWith(secret: string): object {
  const cause = Object.assign(new Error(`refused: ${secret}`), { headers: { authorization: `Api-Token ${secret}` } });
  const err = new AggregateError([cause], `login with ${secret} failed`, { cause });
  return { err, error: cause, deep: { list: [secret, { [secret]: secret }] }, body: JSON.stringify({ token: secret }) };
}
