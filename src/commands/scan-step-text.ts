import type { ScanResult } from './scan-line.ts';

/** What came of one speed and unit, for whoever waits for the others. */
export function scanStepText({
  url,
  baud,
  unit,
  detection,
}: Pick<ScanResult, 'url' | 'baud' | 'unit' | 'detection'>): string {
  return `${url}${baud === null ? '' : `, ${baud} baud`}, unit ${unit}: ${wordsOf(detection)}`;
}

function wordsOf(detection: ScanResult['detection']): string {
  switch (detection.kind) {
    case 'found':
      return detection.profile.name;
    case 'down':
      return detection.reason;
    case 'unknown':
      return 'an unknown map';
    case 'garbled':
      return 'bytes that are no answer';
    default:
      return 'no answer';
  }
}
