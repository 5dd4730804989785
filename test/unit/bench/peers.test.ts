import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { found, PEERS } from '../../../scripts/bench/peers.ts';
import { tempDir } from '../../support/temp-dir.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the peers of the benchmark', () => {
  it('are those on PATH; the others are absent', () => {
    const dir = tempDir();
    const path = join(dir, 'telegraf');
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    vi.stubEnv('PATH', dir);
    expect(PEERS.map((peer) => [peer.program, found(peer)])).toEqual([
      ['telegraf', path],
      ['fluent-bit', null],
      ['node-red', null],
      ['vmagent', null],
    ]);
  });

  it.each([
    ['telegraf', ['buffer_strategy = "disk"', 'persistent_session = true', 'qos = 1', 'tcp://127.0.0.1:1883']],
    ['fluent-bit', ['storage.sync: full', 'storage.type: filesystem', 'retry_limit: no_limits', 'port: 1883']],
  ])('are set up to lose nothing: %s', (program, settings) => {
    const compared = PEERS.find((peer) => peer.program === program)?.compared;
    const setup = { dir: tempDir(), mqttPort: 1883, sinkUrl: 'http://127.0.0.1:18080', topic: 'meters/+/data' };
    const [option, path = ''] = compared?.prepare(setup) ?? [];
    expect(option).toBe('--config');
    const text = readFileSync(path, 'utf8');
    for (const setting of [...settings, '/api/v2/metrics/ingest', '18080']) expect(text).toContain(setting);
  });
});
