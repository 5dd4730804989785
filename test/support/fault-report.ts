/**
 * What a fault test found out, as a row of the table that `npm run test:fault` prints. `./scripts/test` runs each fault in few
 * rounds; GATEWAY_FAULT_TIMES multiplies them.
 */
import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

export interface FaultRow {
  /** What was done to the gateway, in a few words. */
  readonly fault: string;
  /** How often it was done, or how many states of the disk were tried. */
  readonly rounds: number;
  /** Messages, readings or values that the gateway had acknowledged or accepted. */
  readonly acknowledged: number;
  /** Acknowledged, and neither stored, nor delivered, nor in a counter with its reason. */
  readonly lost: number;
  /** Arrived at the sink more than once (always the same value at the same time). */
  readonly duplicates: number;
  /** By how many the ledger and the intake's counts do not balance. */
  readonly unaccounted: number;
  /** From the end of the fault until the first fresh value had arrived, where that is measured. */
  readonly freshAfterMs?: number;
}

/** How many rounds to run, given those of the short run. */
export function rounds(short: number): number {
  return short * times();
}

/** A test's time limit, given that of the short run. */
export function within(shortMs: number): { readonly timeout: number } {
  return { timeout: shortMs * times() };
}

/** Fails when anything was lost or is unaccounted for. */
export function reportFault(row: FaultRow): void {
  write({ ...row, control: false });
  expect({ lost: row.lost, unaccounted: row.unaccounted }, row.fault).toEqual({ lost: 0, unaccounted: 0 });
  expect(row.rounds, `${row.fault}: rounds`).toBeGreaterThan(0);
  expect(row.acknowledged, `${row.fault}: acknowledged`).toBeGreaterThan(0);
}

/** A control that must lose something, or the check that found no loss elsewhere could not see any. */
export function reportControl(row: FaultRow): void {
  write({ ...row, control: true });
  expect(row.lost, `${row.fault}: a control that must lose`).toBeGreaterThan(0);
}

function write(row: FaultRow & { readonly control: boolean }): void {
  const file = process.env['GATEWAY_FAULT_REPORT'] ?? '';
  if (file === '') return;
  appendFileSync(file, `${JSON.stringify(row)}\n`);
  const { fault, rounds, acknowledged, lost } = row;
  process.stderr.write(`${fault}: ${rounds} rounds, ${acknowledged} acknowledged, ${lost} lost\n`);
}

function times(): number {
  const given = Number(process.env['GATEWAY_FAULT_TIMES'] ?? '1');
  if (!Number.isInteger(given) || given < 1) throw new Error(`GATEWAY_FAULT_TIMES is ${given}, not a number from 1 on`);
  return given;
}
