import { formatLineAddress } from '../config/line-address.ts';
import { SECOND } from '../model/time.ts';
import { duration } from '../report/human.ts';
import { longestSilenceMs, type LineScan } from './scan-line.ts';

/** What a scan is about to try, how long that may take, and what shortens it. */
export function scanPlanText(scans: readonly LineScan[]): string {
  const total = scans.reduce((sum, scan) => sum + longestSilenceMs(scan), 0);
  const shorter = scans.some(({ units }) => units.length > 1) ? '; --units 1 makes it shorter' : '';
  const takes = duration(Math.ceil(total / SECOND) * SECOND);
  return [
    ...scans.map(({ address, bauds, units }) => {
      const speeds = address.kind === 'serial' ? ` at ${bauds.join(', ')} baud` : '';
      return `${formatLineAddress(address)}: trying unit${units.length === 1 ? '' : 's'} ${units.join(', ')}${speeds}\n`;
    }),
    `This may take ${takes} where nothing answers${shorter}.\n`,
  ].join('');
}
