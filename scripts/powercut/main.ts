/**
 * `./scripts/test-powercut`: cuts the power of a machine that runs the whole gateway, again and again on the same card, and
 * looks each time whether everything the meter was given a PUBACK for is there. Arguments: rounds, the file for the report.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultRow } from '../../test/support/fault-report.ts';
import { Stage } from './stage.ts';

const rounds = Number(process.argv[2]);
const report = process.argv[3] ?? '';
const dir = mkdtempSync('/dev/shm/powercut-');
try {
  const row = await cutAgainAndAgain('power cut, real (user-mode Linux)', rounds);
  tell(row, false);
  const control = await controlRounds('power cut, real, synchronous=NORMAL', Math.max(3, Math.ceil(rounds / 5)));
  tell(control, true);
  if (row.lost + row.unaccounted > 0 || row.acknowledged === 0 || control.lost === 0) process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** On one card: each round opens what the one before left. */
async function cutAgainAndAgain(fault: string, rounds: number, synchronous?: string): Promise<FaultRow> {
  const stage = new Stage(mkdtempSync(join(dir, 'stage-')), synchronous);
  const row = { fault, rounds, acknowledged: 0, lost: 0, duplicates: 0, unaccounted: 0 };
  for (let round = 1; round <= rounds; round++) {
    const acknowledged = await stage.cutPower(round);
    const found = await stage.look();
    const missing = acknowledged.filter((number) => !found.numbers.has(number)).length;
    row.acknowledged = acknowledged.length;
    row.lost += missing;
    row.duplicates += [...found.numbers.values()].filter((times) => times > 1).length;
    row.unaccounted += found.unaccounted;
    say(`${fault}: cut ${round} of ${rounds}: ${acknowledged.length} acknowledged, ${missing} missing`);
    for (const error of found.errors) say(`  ${error}`);
  }
  return row;
}

/** Each on a card of its own, or what the first one lost would be counted again. */
async function controlRounds(fault: string, rounds: number): Promise<FaultRow> {
  const sum = { fault, rounds, acknowledged: 0, lost: 0, duplicates: 0, unaccounted: 0 };
  for (let round = 1; round <= rounds; round++) {
    const { acknowledged, lost, duplicates, unaccounted } = await cutAgainAndAgain(fault, 1, 'NORMAL');
    sum.acknowledged += acknowledged;
    sum.lost += lost;
    sum.duplicates += duplicates;
    sum.unaccounted += unaccounted;
  }
  return sum;
}

function tell(row: FaultRow, control: boolean): void {
  appendFileSync(report, `${JSON.stringify({ ...row, control })}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
