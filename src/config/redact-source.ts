import type { Secret } from '../platform/secret.ts';
import type { HttpSourceConfig, ModbusSourceConfig, MqttSourceConfig, SourceConfig } from './config.ts';
import { formatDuration } from './duration.ts';

/** A source in the form of gateway.yaml, its secrets as `***`. */
export function sourceDocument(source: SourceConfig): object {
  if (source.type === 'mqtt') return mqttDocument(source);
  return source.type === 'modbus' ? modbusDocument(source) : httpDocument(source);
}

/** The keys that have a value. */
export function present(keys: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null && value !== undefined));
}

function mqttDocument(source: MqttSourceConfig): object {
  const { type, name, url, protocol, clientId, username, ca, fingerprint, topics, profile, device } = source;
  const connection = { protocol, clientId };
  return present({
    type,
    name,
    url,
    ...(source.transport === 'embedded' ? {} : connection),
    username,
    password: masked(source.password),
    ca: ca?.path,
    fingerprint,
    topics,
    profile: profile.name,
    device,
    quantities: source.quantities,
    invert: filled(source.invert),
    saldo: profile.name === 'amis' ? source.saldo : null,
    trustTime: { behind: formatDuration(source.trustTime.behindMs), ahead: formatDuration(source.trustTime.aheadMs) },
    silentAfter: formatDuration(source.silentAfterMs),
    fields: profile.name === 'json' ? source.fields : null,
    time: source.time,
  });
}

function modbusDocument({ serial, line, devices, ...source }: ModbusSourceConfig): object {
  return present({
    type: source.type,
    name: source.name,
    url: source.url,
    logger: source.logger,
    ...(line.kind === 'serial' ? { baud: serial.baud, parity: serial.parity, stopBits: serial.stopBits } : {}),
    interval: formatDuration(source.intervalMs),
    gap: formatDuration(source.gapMs),
    timeout: formatDuration(source.timeoutMs),
    devices: devices.map(({ unit, profile, device, quantities, invert }) =>
      present({ unit, profile: profile.name, device, quantities, invert: filled(invert) }),
    ),
    silentAfter: formatDuration(source.silentAfterMs),
  });
}

function httpDocument(source: HttpSourceConfig): object {
  const { type, name, url, paths, profile, device, quantities, invert, auth, username, password, ca } = source;
  return present({
    type,
    name,
    url,
    paths,
    profile: profile.name,
    device,
    quantities,
    invert: filled(invert),
    interval: formatDuration(source.intervalMs),
    timeout: formatDuration(source.timeoutMs),
    auth,
    username,
    password: masked(password),
    ca: ca?.path,
    silentAfter: formatDuration(source.silentAfterMs),
  });
}

function filled(list: readonly string[]): readonly string[] | null {
  return list.length === 0 ? null : list;
}

function masked(secret: Secret | null): string | null {
  return secret === null ? null : `*** (${secret.origin})`;
}
