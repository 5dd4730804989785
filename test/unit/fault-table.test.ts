import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const HARMLESS = {
  fault: 'kill -9',
  rounds: 1_000,
  acknowledged: 20,
  lost: 0,
  duplicates: 3,
  unaccounted: 0,
  control: false,
};

it('sums up what the faults cost, apart from the controls', async () => {
  const { text, code } = await table([
    HARMLESS,
    { ...HARMLESS, fault: 'power cut' },
    { ...HARMLESS, control: true, lost: 7 },
  ]);
  expect(code).toBe(0);
  expect(text.split('\n').map((line) => line.split(/\s{2,}/))).toEqual(
    expect.arrayContaining([
      ['kill -9', '1,000', '20', '0', '3', '0'],
      ['power cut', '1,000', '20', '0', '3', '0'],
      ['Total', '2,000', '40', '0', '6', '0'],
      ['Control: must lose', 'rounds', 'acknowledged', 'lost', 'duplicates', 'unaccounted'],
      ['kill -9', '1,000', '20', '7', '3', '0'],
    ]),
  );
});

it.each([
  ['something was lost', [{ ...HARMLESS, lost: 1 }]],
  ['something is unaccounted for', [{ ...HARMLESS, unaccounted: 1 }]],
  ['a control lost nothing', [HARMLESS, { ...HARMLESS, control: true }]],
  ['nothing was tried', []],
])('fails when %s', async (_, rows) => {
  expect((await table(rows)).code).toBe(1);
});

it('names the tests that failed and those that were not run', async () => {
  const assertionResults = ['passed', 'failed', 'skipped'].map((status) => ({
    fullName: `one that ${status}`,
    status,
  }));
  const results = { testResults: [{ name: join(ROOT, 'test/fault/some.test.ts'), assertionResults }] };
  const { text } = await table([HARMLESS], JSON.stringify(results));
  expect(text).toContain('Failed:\n  test/fault/some.test.ts: one that failed\n');
  expect(text).toContain('Not run here:\n  test/fault/some.test.ts: one that skipped\n');
  expect(text).not.toContain('one that passed');
});

it('says that the run was cut short when there are no results', async () => {
  expect((await table([HARMLESS], '')).text).toContain('cut short');
});

function table(rows: readonly object[], results?: string): Promise<{ text: string; code: number }> {
  const dir = tempDir();
  const files = [join(dir, 'rows'), join(dir, 'results')];
  writeFileSync(files[0] ?? '', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  if (results === undefined) files.pop();
  else writeFileSync(files[1] ?? '', results);
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/fault-table.ts', ...files], { cwd: ROOT }, (error, stdout) => {
      resolve({ text: stdout, code: Number(error?.code ?? 0) });
    });
  });
}
