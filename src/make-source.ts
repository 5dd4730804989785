/**
 * Beside the composition root: a source and its inlet's options, from the configuration. Only the kinds of source that are
 * configured are loaded, with their packages.
 */
import type { HttpSourceConfig, ModbusSourceConfig, MqttSourceConfig, SourceConfig } from './config/config.ts';
import { createProfile, createRegisterProfiles } from './devices/registry.ts';
import { blocksOf } from './devices/registers/blocks.ts';
import type { InletOptions } from './intake/intake.ts';
import type { DurationMs } from './model/time.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import { systemRandom } from './platform/random.ts';
import type { Source } from './sources/source.ts';

const MAX_PAYLOAD_BYTES = 64 * 1024;
/** Polled devices have no clock of their own that anybody would trust. */
const NO_TRUST = { behindMs: 0, aheadMs: 0 };

export function makeSource(options: SourceConfig, clock: Clock, log: Log): Promise<Source> {
  if (options.type === 'mqtt') return makeMqtt(options, clock, log);
  return options.type === 'modbus' ? makeModbus(options, clock, log) : makeHttp(options, clock, log);
}

/** How far a device's own time may be from that of receipt to be believed. */
export function trustOf(options: SourceConfig): { readonly behindMs: DurationMs; readonly aheadMs: DurationMs } {
  return options.type === 'mqtt' ? options.trustTime : NO_TRUST;
}

/** How the source's payloads become readings. */
export function inletOptions(source: Pick<Source, 'window'>, options: SourceConfig): InletOptions {
  const common = {
    name: options.name,
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    window: () => source.window,
    trustTime: trustOf(options),
  };
  if (options.type === 'modbus') {
    // The topic of a poll is the device's name.
    return { ...common, profile: createRegisterProfiles(options.devices), device: '{1}' };
  }
  const { profile, quantities, invert, device } = options;
  if (options.type === 'http') return { ...common, profile: createProfile(profile, { quantities, invert }), device };
  const { saldo, fields, time } = options;
  const made = createProfile(profile, { saldo, fields, time: time ?? undefined, quantities, invert });
  return { ...common, profile: made, device };
}

async function makeMqtt(options: MqttSourceConfig, clock: Clock, log: Log): Promise<Source> {
  const { name, url, topics, username, password } = options;
  const common = {
    name,
    url,
    topics,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    clock,
    random: systemRandom,
    log,
  };
  if (options.transport === 'embedded') {
    const { EmbeddedBrokerSource } = await import('./sources/embedded/embedded-source.ts');
    return new EmbeddedBrokerSource(common);
  }
  const { MqttSource } = await import('./sources/mqtt/mqtt-source.ts');
  const { protocol, clientId, ca, fingerprint } = options;
  const tls = { ...(ca === null ? {} : { ca: ca.pem }), ...(fingerprint === null ? {} : { fingerprint }) };
  return new MqttSource({ ...common, protocol, clientId, tls });
}

async function makeModbus(options: ModbusSourceConfig, clock: Clock, log: Log): Promise<Source> {
  const { makeLine } = await import('./sources/modbus/line.ts');
  const { ModbusSource } = await import('./sources/modbus/modbus-source.ts');
  const { name, intervalMs, gapMs, timeoutMs, devices } = options;
  return new ModbusSource({
    name,
    ...makeLine(options),
    intervalMs,
    gapMs,
    timeoutMs,
    devices: devices.map(({ unit, device, profile, quantities }) => ({
      name: device,
      unit,
      maxWords: profile.limits.maxWords,
      ...blocksOf(profile, quantities),
      sleeps: profile.night === 'sleeps',
    })),
    clock,
    log,
  });
}

async function makeHttp(options: HttpSourceConfig, clock: Clock, log: Log): Promise<Source> {
  const { HttpSource } = await import('./sources/http/http-source.ts');
  const { name, url, paths, intervalMs, timeoutMs, auth, username, password, ca } = options;
  const common = { name, url, paths, intervalMs, timeoutMs, auth, username, password };
  return new HttpSource({ ...common, ca: ca?.pem ?? null, maxPayloadBytes: MAX_PAYLOAD_BYTES, clock, log });
}
