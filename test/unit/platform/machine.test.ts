import { statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBootId } from '../../../src/platform/boot-id.ts';
import { systemDiskSpace } from '../../../src/platform/disk-space.ts';
import { runProgram } from '../../../src/platform/run-program.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('the machine', () => {
  it('has a boot id that every process of the boot reads alike', () => {
    const file = join(tempDir(), 'boot_id');
    writeFileSync(file, '2f3a\n');
    expect(readBootId(file)).toBe('2f3a');
    expect(readBootId()).toBe(readBootId());
  });

  it('has an id of its own for each run where the kernel gives none', () => {
    expect(readBootId('/nowhere')).not.toBe(readBootId('/nowhere'));
  });

  it('says how much disk space there is, also for a folder that is yet to be made', () => {
    const dir = tempDir();
    const { blocks, bsize } = statfsSync(dir);
    const { freeBytes, totalBytes } = systemDiskSpace(join(dir, 'data/queue'));
    expect(totalBytes).toBe(blocks * bsize);
    expect(freeBytes).toBeGreaterThan(0);
    expect(freeBytes).toBeLessThanOrEqual(totalBytes);
  });

  it('runs programs without our environment, and says when there is none', async () => {
    process.env['API_TOKEN'] = 'not for children';
    try {
      const result = await runProgram('sh', ['-c', 'echo "$API_TOKEN$GIVEN"; exit 3'], { GIVEN: 'given' });
      expect(result).toEqual({ code: 3, stdout: 'given\n' });
    } finally {
      delete process.env['API_TOKEN'];
    }
    expect(await runProgram('no-such-program', [])).toBeNull();
  });
});
