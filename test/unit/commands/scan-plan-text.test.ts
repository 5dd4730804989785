import { expect, it } from 'vitest';
import type { LineScan } from '../../../src/commands/scan-line.ts';
import { scanPlanText } from '../../../src/commands/scan-plan-text.ts';

const SERIAL: LineScan = {
  address: { kind: 'serial', path: '/dev/ttyUSB0' },
  bauds: [9_600, 19_200],
  parity: 'none',
  units: [1, 2, 3],
  logger: null,
  timeoutMs: 1_000,
  profiles: [],
};
const TCP: LineScan = { ...SERIAL, address: { kind: 'tcp', host: '10.0.0.7', port: 502 }, units: [1, 126] };

it('says before a scan what is tried, how long that may take, and what shortens it', () => {
  expect(scanPlanText([SERIAL, TCP])).toBe(
    `serial:/dev/ttyUSB0: trying units 1, 2, 3 at 9600, 19200 baud
tcp://10.0.0.7:502: trying units 1, 126
This may take 1 min where nothing answers; --units 1 makes it shorter.
`,
  );
});

it('says nothing of fewer units where there is only one', () => {
  const text = scanPlanText([{ ...SERIAL, units: [1], timeoutMs: 10_000 }]);
  expect(text).toContain('trying unit 1 at');
  expect(text).toContain('This may take 1 min 9 s where nothing answers.\n');
});
