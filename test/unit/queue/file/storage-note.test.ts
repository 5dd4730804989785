import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetTrouble, hasRunHere, noteTrouble, storageTrouble } from '../../../../src/queue/file/storage-note.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const EARLIER = new Date(Date.UTC(2026, 10, 20));

it('says what keeps the daemon from writing, and since when, until it is forgotten', () => {
  const path = join(tempDir(), 'queue.db');
  const note = `${path}.trouble`;
  expect(storageTrouble(path)).toBeNull();
  noteTrouble(path, { kind: 'failing', message: 'disk I/O error' });
  utimesSync(note, EARLIER, EARLIER);
  noteTrouble(path, { kind: 'failing', message: 'disk I/O error' });
  expect(storageTrouble(path)).toEqual({ at: EARLIER.getTime(), kind: 'failing', message: 'disk I/O error' });
  noteTrouble(path, { kind: 'full', message: 'database or disk is full' });
  expect(storageTrouble(path)).toMatchObject({ kind: 'full' });
  forgetTrouble(path);
  expect(storageTrouble(path)).toBeNull();
});

it('takes its space at the first opening and the same space later, because a full disk has no other', () => {
  const path = join(tempDir(), 'queue.db');
  expect(hasRunHere(path)).toBe(false);
  forgetTrouble(path);
  expect(hasRunHere(path)).toBe(true);
  const { ino, size } = statSync(`${path}.trouble`);
  noteTrouble(path, { kind: 'full', message: 'x'.repeat(10_000) });
  expect(statSync(`${path}.trouble`)).toMatchObject({ ino, size });
});

it('takes a note it cannot read for none', () => {
  const path = join(tempDir(), 'queue.db');
  for (const text of ['{', 'null', '{"kind":"full"}']) {
    writeFileSync(`${path}.trouble`, text);
    expect(storageTrouble(path), readFileSync(`${path}.trouble`, 'utf8')).toBeNull();
  }
});

it('has nothing to say where it may not look or write', () => {
  expect(storageTrouble('/no/such/folder/queue.db')).toBeNull();
  expect(() => noteTrouble('/no/such/folder/queue.db', { kind: 'full', message: 'full' })).not.toThrow();
});
