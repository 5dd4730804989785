import { expect, it } from 'vitest';
import { columnsOf } from '../../../src/commands/terminal.ts';

it.each([
  ['as it says', { isTTY: true, columns: 132 }, 132],
  ['80 columns where it does not say, as on a serial console', { isTTY: true, columns: 0 }, 80],
  ['whatever is written where it is piped', { isTTY: false, columns: undefined }, Infinity],
])('a terminal is as wide %s', (_, stream, width) => {
  expect(columnsOf(stream)).toBe(width);
});
