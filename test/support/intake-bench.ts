import { PROFILES } from '../../src/devices/registry.ts';
import { Intake, type InletOptions, type IntakeOptions } from '../../src/intake/intake.ts';
import type { Log } from '../../src/platform/log.ts';
import type { Inlet, Payload } from '../../src/sources/source.ts';
import { FakeAppendQueue } from './fake-append-queue.ts';
import { SteppedClock, SteppedGatewayClock } from './stepped-clock.ts';

export const NOW = Date.parse('2026-11-20T14:00:00Z');

/** A log that keeps the messages it was given, by level. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const log = {
    lines,
    error: (_fields: object, message: string) => void lines.push(`error ${message}`),
    warn: (_fields: object, message: string) => void lines.push(`warn ${message}`),
    info: (_fields: object, message: string) => void lines.push(`info ${message}`),
    debug: (_fields: object, message: string) => void lines.push(`debug ${message}`),
    child: () => log,
  };
  return log;
}

/** An intake between a fake queue and stepped clocks, the gateway's confirmed unless said otherwise. */
export function intakeBench(options: Partial<IntakeOptions> = {}) {
  const machineClock = new SteppedClock(NOW);
  const clock = new SteppedGatewayClock(machineClock).confirm(0);
  const queue = new FakeAppendQueue();
  const log = recordingLog();
  const appended: number[] = [];
  const intake = new Intake({
    queue,
    clock,
    machineClock,
    site: null,
    lingerMs: 1_000,
    log,
    onAppended: (values) => appended.push(values),
    ...options,
  });
  return {
    machineClock,
    clock,
    queue,
    log,
    appended,
    intake,
    inlet: (inlet: Partial<InletOptions> = {}): Inlet => intake.inlet({ ...meter(), ...inlet }),
    payload: (text: string | Uint8Array, payload: Partial<Payload> = {}): Payload => ({
      topic: 'amis/data',
      bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text,
      retained: false,
      waited: false,
      qos: 1,
      receivedMono: machineClock.monoMs(),
      ...payload,
    }),
  };
}

function meter(): InletOptions {
  return {
    name: 'meter',
    profile: PROFILES.amis({}),
    device: 'grid-meter',
    trustTime: { behindMs: 86_400_000, aheadMs: 120_000 },
    window: () => 256,
  };
}

/** Follows a promise without waiting for it. */
export function watch(promise: Promise<void>): { state: 'pending' | 'resolved' | 'rejected' } {
  const watched: { state: 'pending' | 'resolved' | 'rejected' } = { state: 'pending' };
  promise.then(
    () => (watched.state = 'resolved'),
    () => (watched.state = 'rejected'),
  );
  return watched;
}
