import { expect, it } from 'vitest';
import { recordedStore } from '../../../support/recorded-store.ts';

const ORIGIN = { source: 'meter', device: 'grid-meter', serial: null };

it('stores an origin again whose transaction was rolled back, also when it comes as the same object', () => {
  const { database } = recordedStore().store;
  const { origins } = database.tables;
  const failing = (): void => {
    origins.idOf(ORIGIN);
    throw new Error('rolled back');
  };
  expect(() => database.commit(failing)).toThrow('rolled back');
  const id = database.commit(() => origins.idOf(ORIGIN));
  origins.reload();
  expect(origins.get(id)).toEqual(ORIGIN);
});
