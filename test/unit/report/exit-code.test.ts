import { expect, it } from 'vitest';
import { buildStatus } from '../../../src/report/build-status.ts';
import { statusExitCode } from '../../../src/report/exit-code.ts';
import { REPORT, statusInput, withState } from '../../support/queue-report.ts';

it.each([
  [0, 'ok', {}],
  [0, 'degraded', { report: withState({ clock: { state: 'unconfirmed' } }) }],
  [4, 'failing', { report: { ...REPORT, diskFreeBytes: 0 } }],
  [3, 'not running', { daemonRunning: false }],
  [3, 'not running and failing', { daemonRunning: false, report: { ...REPORT, diskFreeBytes: 0 } }],
  [3, 'never started', { daemonRunning: false, report: null }],
])('is %i for a gateway that is %s', (code, _, changes) => {
  expect(statusExitCode(buildStatus(statusInput(changes)))).toBe(code);
});
