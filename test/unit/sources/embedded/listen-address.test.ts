import { describe, expect, it } from 'vitest';
import { parseListenAddress } from '../../../../src/sources/embedded/listen-address.ts';

describe('The address of the embedded broker', () => {
  it.each([
    ['embedded://127.0.0.1:1883', { host: '127.0.0.1', port: 1883 }],
    ['embedded://127.0.0.1', { host: '127.0.0.1', port: 1883 }],
    ['embedded://localhost:2000', { host: 'localhost', port: 2000 }],
    ['embedded://[::1]:1884', { host: '::1', port: 1884 }],
  ])('%s needs no login', (text, expected) => {
    expect(parseListenAddress(text, false)).toEqual(expected);
  });

  it.each(['embedded://0.0.0.0:1883', 'embedded://10.0.0.1', 'embedded://[::]', 'embedded://127.example.org'])(
    '%s needs a login',
    (text) => {
      expect(() => parseListenAddress(text, false)).toThrow(expect.objectContaining({ exitCode: 2 }));
      expect(parseListenAddress(text, true).port).toBe(1883);
    },
  );

  it.each(['mqtt://127.0.0.1', 'embedded://', 'nonsense'])('%s is a configuration error', (text) => {
    expect(() => parseListenAddress(text, true)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
