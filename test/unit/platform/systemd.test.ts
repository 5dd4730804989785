import { describe, expect, it } from 'vitest';
import type { ProgramResult, RunProgram } from '../../../src/platform/run-program.ts';
import { Systemd } from '../../../src/platform/systemd.ts';
import { silentLog } from '../../support/silent-log.ts';

function recorder(result: ProgramResult | null): { readonly calls: unknown[]; readonly run: RunProgram } {
  const calls: unknown[] = [];
  return {
    calls,
    run: (...call) => {
      calls.push(call);
      return Promise.resolve(result);
    },
  };
}

describe('Systemd', () => {
  it('tells systemd that it is starting, ready, alive and stopping', async () => {
    const { calls, run } = recorder({ code: 0, stdout: '' });
    const env = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '180000000', WATCHDOG_PID: String(process.pid) };
    const systemd = new Systemd({ env, log: silentLog, run });
    await systemd.starting(90_000);
    await systemd.ready();
    await systemd.alive();
    await systemd.stopping();
    const socket = { NOTIFY_SOCKET: '/run/notify' };
    const states = ['EXTEND_TIMEOUT_USEC=90000000', 'READY=1', 'WATCHDOG=1', 'STOPPING=1'];
    expect(calls).toEqual(states.map((s) => ['systemd-notify', [s], socket]));
    expect(systemd.watchdogMs).toBe(180_000);
  });

  it('does nothing where systemd did not start it', async () => {
    const { calls, run } = recorder(null);
    const systemd = new Systemd({ env: { WATCHDOG_USEC: '1000' }, log: silentLog, run });
    await Promise.all([systemd.ready(), systemd.alive(), systemd.stopping()]);
    expect(calls).toEqual([]);
    expect(systemd.watchdogMs).toBeNull();
  });

  it('has no watchdog when that is meant for another process', async () => {
    const { calls, run } = recorder({ code: 0, stdout: '' });
    const env = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' };
    const systemd = new Systemd({ env, log: silentLog, run });
    await systemd.alive();
    expect([systemd.watchdogMs, calls]).toEqual([null, []]);
  });

  it('warns once when systemd cannot be told', async () => {
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_: object, message: string) => void warnings.push(message) };
    const systemd = new Systemd({ env: { NOTIFY_SOCKET: '/run/notify' }, log, run: recorder(null).run });
    await systemd.ready();
    await systemd.stopping();
    expect(warnings).toHaveLength(1);
  });
});
