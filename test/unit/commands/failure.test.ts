import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../src/commands/failure.ts';
import { ConfigError } from '../../../src/config/issue.ts';
import { EXIT, GatewayError } from '../../../src/model/error.ts';
import { Secret } from '../../../src/platform/secret.ts';

const known = new GatewayError('no such file', { hint: 'Create it.', exitCode: EXIT.configuration });

describe('a failed command', () => {
  it('says what a person can do, without a stack', () => {
    expect(describeFailure(known, { json: false, version: '1.2.3' })).toEqual({
      text: 'error: no such file\nhint: Create it.\n',
      exitCode: 2,
    });
  });

  it('says the same as JSON', () => {
    const { text, exitCode } = describeFailure(known, { json: true, version: '1.2.3' });
    expect(JSON.parse(text)).toEqual({ error: { message: 'no such file', hint: 'Create it.', exitCode: 2 } });
    expect(exitCode).toBe(2);
  });

  it('lists the problems of a configuration as JSON, each with its place and what was probably meant', () => {
    const secret = 'zQ7-in-a-value';
    void new Secret({ value: secret });
    const error = new ConfigError('gateway.yaml', [
      { where: 'queue.ttl', message: 'expected a duration', received: `1 ${secret}` },
      { where: 'sources[0].profil', message: 'unknown key', suggestion: 'profile' },
    ]);
    const { text } = describeFailure(error, { json: true, version: '1.2.3' });
    expect(JSON.parse(text)).toEqual({
      error: {
        message: expect.stringContaining('has 2 problems:\n  queue.ttl: expected a duration'),
        hint: expect.stringContaining('gateway check'),
        exitCode: 2,
        problems: [
          { path: 'queue.ttl', message: 'expected a duration, received "1 ***"', hint: null },
          { path: 'sources[0].profil', message: 'unknown key', hint: 'did you mean profile?' },
        ],
      },
    });
  });

  it('calls anything else a bug: exit code 70, the stack, and where to report it', () => {
    const { text, exitCode } = describeFailure(new TypeError('x is undefined'), { json: false, version: '1.2.3' });
    expect(exitCode).toBe(70);
    expect(text).toMatch(/TypeError: x is undefined\n\s+at .*failure\.test/s);
    expect(text).toMatch(/open an issue/);
    expect(text).toContain('gateway 1.2.3');
  });

  it('shows no secret that got into a message or a hint', () => {
    const secret = 'zQ7-in-a-message';
    void new Secret({ value: secret });
    const errors = [
      new GatewayError(`cannot read ${secret}`, { hint: 'Create it.', exitCode: EXIT.configuration }),
      new TypeError(`${secret} is undefined`),
      new GatewayError('cannot read', { hint: `Look at ${secret}.`, exitCode: EXIT.configuration }),
      secret,
    ];
    for (const error of errors) {
      for (const json of [true, false]) {
        const { text } = describeFailure(error, { json, version: '1.2.3' });
        expect(text).toContain('***');
        expect(text).not.toContain(secret);
      }
    }
  });

  it('copes with something thrown that is no error', () => {
    expect(describeFailure('oops', { json: true, version: '1' }).exitCode).toBe(70);
  });
});
