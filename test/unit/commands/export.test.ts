import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportHistory, type ExportOptions } from '../../../src/commands/export.ts';
import { ColumnsBuilder, type ReadingColumns } from '../../../src/model/reading-columns.ts';
import type { HistoryRange } from '../../../src/queue/inspector.ts';
import { commandContext, type Scene } from '../../support/command-context.ts';
import { NOW } from '../../support/queue-report.ts';

const OPTIONS: ExportOptions = { from: '-1h', to: 'now', format: 'csv' };
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'export-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('gateway export', () => {
  it('writes CSV as RFC 4180 says, with times in UTC and values as stored', async () => {
    const { context } = scene([
      page(['grid-meter', ['power.active.import', 501, 'energy.active.import', 1234.5]]),
      page(['say "hi", all', ['x.y', -0.25]]),
    ]);
    expect(await exportHistory(OPTIONS, context)).toBe(0);
    expect(context.out()).toBe(
      [
        'time,device,quantity,value,unit',
        '2026-11-20T13:59:59.250Z,grid-meter,power.active.import,501,W',
        '2026-11-20T13:59:59.250Z,grid-meter,energy.active.import,1234.5,Wh',
        '2026-11-20T13:59:59.250Z,"say ""hi"", all",x.y,-0.25,',
        '',
      ].join('\r\n'),
    );
  });

  it('writes the header alone when there is nothing in the range', async () => {
    const { context } = scene([]);
    await exportHistory(OPTIONS, context);
    expect(context.out()).toBe('time,device,quantity,value,unit\r\n');
  });

  it('writes one JSON object per reading', async () => {
    const { context } = scene([page(['grid-meter', ['power.active.import', 501, 'energy.active.import', 1234.5]])]);
    await exportHistory({ ...OPTIONS, format: 'jsonl' }, context);
    expect(context.out().endsWith('}\n')).toBe(true);
    expect(JSON.parse(context.out())).toEqual({
      time: '2026-11-20T13:59:59.250Z',
      device: 'grid-meter',
      source: 'meter',
      values: { 'power.active.import': 501, 'energy.active.import': 1234.5 },
    });
  });

  it('writes metric lines as they are sent raw, and says how many values have none', async () => {
    const { context } = scene([page(['grid-meter', ['power.active.import', 501, 'x.y', 1]])]);
    await exportHistory({ ...OPTIONS, format: 'lp' }, context);
    expect(context.out()).toMatch(
      /^smartmeter\.power\.active\.import,device="?grid-meter"?,.*site="?home"? gauge,0\.501 1795183199250\n$/,
    );
    expect(context.err()).toContain('1 value left out');
  });

  it('asks for the device and range that are named', async () => {
    const { context, ranges } = scene([page(['grid-meter', ['power.active.import', 501]])]);
    await exportHistory({ ...OPTIONS, device: 'grid-meter' }, context);
    expect(ranges).toEqual([{ from: NOW - 3_600_000, to: NOW, device: 'grid-meter' }]);
  });

  it('writes nothing for a device of which nothing is stored', async () => {
    const context = commandContext({ inspector: { devices: () => ['inverter'] } });
    const out = join(directory, 'a.csv');
    await expect(exportHistory({ ...OPTIONS, device: 'invertor', out }, context)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('did you mean inverter?'),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('takes no page before the reader has room for it', async () => {
    let taken = 0;
    let writes = 0;
    // Never says that it has written the first chunk.
    const stuck = new Writable({ highWaterMark: 1, write: () => void (writes += 1) });
    const { context } = scene(
      (function* () {
        for (; taken < 1_000; taken++) yield page(['grid-meter', ['power.active.import', 1]]);
      })(),
    );
    const exporting = exportHistory(OPTIONS, { ...context, terminal: { ...context.terminal, stdout: stuck } });
    await expect.poll(() => writes).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(10);
    stuck.destroy(new Error('the reader went away'));
    await expect(exporting).rejects.toThrow('the reader went away');
  });

  it('writes a file that appears complete, and nothing else beside it', async () => {
    const { context } = scene([page(['grid-meter', ['power.active.import', 501]])]);
    const out = join(directory, 'a.csv');
    await exportHistory({ ...OPTIONS, out }, context);
    expect(await readFile(out, 'utf8')).toContain('grid-meter,power.active.import,501,W');
    expect(await readdir(directory)).toEqual(['a.csv']);
    expect(context.err()).toBe(`1 reading written to ${out}.\n`);
    expect(context.out()).toBe('');
  });

  it('replaces an existing file only with --force', async () => {
    const out = join(directory, 'a.csv');
    await writeFile(out, 'precious');
    await expect(exportHistory({ ...OPTIONS, out }, scene([]).context)).rejects.toMatchObject({
      exitCode: 1,
      hint: expect.stringContaining('--force'),
    });
    expect(await readFile(out, 'utf8')).toBe('precious');
    await exportHistory({ ...OPTIONS, out, force: true }, scene([]).context);
    expect(await readFile(out, 'utf8')).toMatch(/^time,/);
  });

  it('leaves nothing behind when it fails or is interrupted half-way', async () => {
    const out = join(directory, 'a.csv');
    const broken = (function* () {
      yield page(['grid-meter', ['power.active.import', 501]]);
      throw new Error('disk I/O error');
    })();
    await expect(exportHistory({ ...OPTIONS, out }, scene(broken).context)).rejects.toThrow('disk I/O error');
    const { context } = scene([]);
    context.interrupt();
    await expect(exportHistory({ ...OPTIONS, out }, context)).rejects.toMatchObject({ exitCode: 1 });
    expect(await readdir(directory)).toEqual([]);
  });

  it('says what is wrong with a place that cannot be written', async () => {
    const out = join(directory, 'missing/a.csv');
    await expect(exportHistory({ ...OPTIONS, out }, scene([]).context)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('no such directory'),
    });
  });

  it('shows its progress on a terminal when it writes to a file', async () => {
    const { context } = scene([page(['grid-meter', ['power.active.import', 501]])], { terminal: true });
    await exportHistory({ ...OPTIONS, out: join(directory, 'a.csv') }, context);
    expect(context.err()).toContain('100 %  1 reading');
  });
});

/** One reading just before NOW: a device, then quantities and values in turn. */
function page([device, values]: [string, (string | number)[]]): ReadingColumns {
  const builder = new ColumnsBuilder();
  const quantities = values.filter((v) => typeof v === 'string');
  builder.add(
    { device, serial: null, source: 'meter' },
    NOW - 750,
    quantities,
    values.filter((v) => typeof v === 'number'),
    1,
  );
  return builder.take();
}

function scene(history: Iterable<ReadingColumns>, changes: Scene = {}) {
  const ranges: HistoryRange[] = [];
  const context = commandContext({
    ...changes,
    inspector: {
      devices: () => ['grid-meter'],
      history: (range) => {
        ranges.push(range);
        return history;
      },
    },
  });
  return { context, ranges };
}
