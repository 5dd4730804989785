import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/model/error.ts';
import { maskSecrets, maskTexts, Secret } from '../../../src/platform/secret.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-secret-'));
  file = join(folder, 'token');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('a secret', () => {
  it('prints as *** however it is printed', () => {
    const secret = new Secret({ value: 'correct horse' });
    expect(
      `${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret }, { showHidden: true })}`,
    ).not.toContain('horse');
    expect(secret.reveal()).toBe('correct horse');
  });

  it('is read from its file anew each time, without one trailing line end', () => {
    writeFileSync(file, 'first-token\n');
    const secret = new Secret({ file });
    expect(secret.reveal()).toBe('first-token');
    writeFileSync(file, 'second-token\r\n');
    expect(secret.reveal()).toBe('second-token');
    writeFileSync(file, 'third-token\n\n');
    expect(secret.reveal()).toBe('third-token\n');
  });

  it('says once that its file changed: content, modification time, or that it can be read again', () => {
    writeFileSync(file, 'first-token');
    const secret = new Secret({ file });
    secret.reveal();
    expect(secret.changed()).toBe(false);
    writeFileSync(file, 'second-token');
    expect([secret.changed(), secret.changed()]).toEqual([true, false]);
    utimesSync(file, 1, 1);
    expect([secret.changed(), secret.changed()]).toEqual([true, false]);
    rmSync(file);
    expect([secret.changed(), secret.changed()]).toEqual([true, false]);
    writeFileSync(file, 'second-token');
    secret.reveal();
    expect([secret.changed(), secret.changed()]).toEqual([true, false]);
    expect(new Secret({ value: 'never changes' }).changed()).toBe(false);
  });

  it('whose file cannot be read says which file, and what to do', () => {
    const secret = new Secret({ file });
    expect(() => secret.reveal()).toThrow(GatewayError);
    expect(() => secret.reveal()).toThrow(`${file} cannot be read: ENOENT`);
    expect(secret.changed()).toBe(false);
  });
});

describe('masking', () => {
  it('hides every value that was ever revealed, wherever and however it occurs', () => {
    writeFileSync(file, 'pass"word/1');
    new Secret({ file }).reveal();
    new Secret({ value: 'given-in-file' }).reveal();
    const text = maskSecrets('a pass"word/1 b {"x":"pass\\"word/1"} c pass%22word%2F1 given-in-file');
    expect(text).toBe('a *** b {"x":"***"} c *** ***');
  });

  it('hides it as it stands in HTML, and without the blanks at its ends', () => {
    void new Secret({ value: ' <pass>&"word\' ' });
    expect(maskSecrets(`a &lt;pass&gt;&amp;&quot;word&#39; b <pass>&"word' c`)).toBe('a *** b *** c');
  });

  it('of data hides the texts in it and leaves its shape', () => {
    void new Secret({ value: '4711' });
    const data = { a: ['pin 4711', 47_110, null, true], b: { 4711: undefined } };
    expect(maskTexts(data)).toEqual({ a: ['pin ***', 47_110, null, true], b: { '***': undefined } });
  });

  it('hides Dynatrace tokens and user info of URLs that were never configured', () => {
    const token = `dt0c01.${'A1'.repeat(12)}.${'Z9'.repeat(32)}`;
    expect(maskSecrets(`use ${token}.`)).toBe('use ***.');
    expect(maskSecrets('mqtt://user:p@ss@broker:1883/x and https://host/@')).toBe(
      'mqtt://***@broker:1883/x and https://host/@',
    );
  });

  it('hides the longer of two secrets first, and leaves what is too short to be one', () => {
    const secrets = ['abcd', 'abcd-efgh', 'xyz'].map((value) => new Secret({ value }));
    expect(secrets.map(String)).toEqual(['***', '***', '***']);
    expect(maskSecrets('abcd-efgh abcd xyz')).toBe('*** *** xyz');
  });

  it('takes no time worth mentioning for a megabyte of letters', () => {
    const begin = performance.now();
    maskSecrets('a'.repeat(1_000_000) + '://'.repeat(50_000));
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});
