import { expect, it } from 'vitest';
import { scanStepText } from '../../../src/commands/scan-step-text.ts';
import type { ScanResult } from '../../../src/commands/scan-line.ts';
import { registerProfileData } from '../../support/register-poll.ts';

const SERIAL = { url: 'serial:/dev/ttyUSB0', baud: 9_600, unit: 3 };

it.each<[Pick<ScanResult, 'url' | 'baud' | 'unit' | 'detection'>, string]>([
  [{ ...SERIAL, detection: { kind: 'silent' } }, 'serial:/dev/ttyUSB0, 9600 baud, unit 3: no answer'],
  [{ ...SERIAL, baud: null, detection: { kind: 'garbled' } }, 'serial:/dev/ttyUSB0, unit 3: bytes that are no answer'],
  [{ ...SERIAL, detection: { kind: 'unknown' } }, 'serial:/dev/ttyUSB0, 9600 baud, unit 3: an unknown map'],
  [
    {
      ...SERIAL,
      detection: { kind: 'found', profile: registerProfileData('sofar-g3'), serial: null, others: [] },
    },
    'serial:/dev/ttyUSB0, 9600 baud, unit 3: sofar-g3',
  ],
  [
    { ...SERIAL, detection: { kind: 'down', reason: 'no such port' } },
    'serial:/dev/ttyUSB0, 9600 baud, unit 3: no such port',
  ],
])('a step of a scan is told in a line: %#', (result, text) => {
  expect(scanStepText(result)).toBe(text);
});
