import { expect, it } from 'vitest';
import { mayLogIn } from '../../../../src/sources/embedded/login.ts';

const required = { username: 'meter', password: { reveal: () => 'geheim' } };

it('lets anybody in where no login is required', () => {
  expect(mayLogIn(null, undefined, undefined)).toBe(true);
});

it.each([
  ['meter', 'geheim', true],
  ['meter', 'falsch', false],
  ['other', 'geheim', false],
  [undefined, 'geheim', false],
  ['meter', undefined, false],
])('lets in %s with %s: %s', (username, password, expected) => {
  expect(mayLogIn(required, username, password === undefined ? undefined : Buffer.from(password))).toBe(expected);
});
