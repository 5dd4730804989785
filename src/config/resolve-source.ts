/** From a checked source to its configuration: profiles found, units converted, secrets and certificates wrapped. */
import type { ProfileData, RegisterProfileData } from '../model/profile-data.ts';
import { formatAddress } from './address.ts';
import type { HttpSourceConfig, ModbusSourceConfig, MqttSourceConfig, SourceConfig } from './config.ts';
import type { HttpSourceDocument } from './http-source-schema.ts';
import { formatLineAddress } from './line-address.ts';
import type { ModbusSourceDocument } from './modbus-schema.ts';
import type { MqttSourceDocument } from './mqtt-schema.ts';
import type { ResolveContext } from './resolve.ts';
import { resolveCertificate, resolveSecret } from './resolve-files.ts';
import { resolveProfile } from './resolve-profile.ts';

const LEAST_GAP = 100;
/** Of profiles that are no data. */
const CODED_PATHS: Readonly<Record<string, readonly string[]>> = { amis: ['/rest'] };

type SourceDocument = MqttSourceDocument | ModbusSourceDocument | HttpSourceDocument;
type SourceContext = ResolveContext & { readonly dataDir: string };

/** Empty where a profile could not be used, which was reported then. */
export function resolveSource(source: SourceDocument, where: string, context: SourceContext): SourceConfig[] {
  if (source.type === 'modbus') return resolveModbus(source, where, context);
  return [source.type === 'mqtt' ? resolveMqtt(source, where, context) : resolveHttp(source, where, context)];
}

function resolveMqtt(source: MqttSourceDocument, where: string, context: SourceContext): MqttSourceConfig {
  const { url, password, passwordFile, ca, trustTime, silentAfter } = source;
  return {
    type: 'mqtt',
    name: source.name,
    url: formatAddress(url),
    transport: url.scheme,
    host: url.host,
    port: url.port,
    protocol: source.protocol,
    clientId: source.clientId ?? `gateway-${context.hostname}-${source.name}`,
    username: source.username ?? null,
    password: resolveSecret(password, passwordFile, `${where}.password`, context),
    ca: resolveCertificate(ca, `${where}.ca`, context),
    fingerprint: source.fingerprint ?? null,
    topics: source.topics ?? ['#'],
    profile: resolveProfile(source.profile, 'payload', `${where}.profile`, context),
    quantities: source.quantities,
    invert: source.invert,
    device: source.device,
    saldo: source.saldo,
    trustTime: { behindMs: trustTime.behind, aheadMs: trustTime.ahead },
    silentAfterMs: silentAfter,
    fields: source.fields ?? {},
    time: source.time ?? null,
  };
}

function resolveHttp(source: HttpSourceDocument, where: string, context: SourceContext): HttpSourceConfig {
  const profile = resolveProfile(source.profile, 'payload', `${where}.profile`, context);
  const paths =
    source.paths ?? (profile.data?.kind === 'payload' ? profile.data.http : (CODED_PATHS[profile.name] ?? []));
  if (paths.length === 0)
    context.report({ where: `${where}.paths`, message: `expected paths: the profile ${source.profile} names none` });
  return {
    type: 'http',
    name: source.name,
    url: source.url.href.replace(/\/+$/, ''),
    paths,
    profile,
    device: source.device,
    quantities: source.quantities,
    invert: source.invert,
    intervalMs: source.interval,
    timeoutMs: source.timeout,
    auth: source.auth,
    username: source.username ?? null,
    password: resolveSecret(source.password, source.passwordFile, `${where}.password`, context),
    ca: resolveCertificate(source.ca, `${where}.ca`, context),
    silentAfterMs: source.silentAfter,
  };
}

function resolveModbus(source: ModbusSourceDocument, where: string, context: SourceContext): ModbusSourceConfig[] {
  const devices = source.devices.flatMap(({ unit, profile: name, device, quantities, invert }, i) => {
    const { data } = resolveProfile(name, 'registers', `${where}.devices[${i}].profile`, context);
    return isRegisters(data) ? [{ unit: unit ?? data.unit, device, profile: data, quantities, invert }] : [];
  });
  const [first] = devices;
  if (first === undefined) return [];
  const units = devices.map(({ unit }) => unit);
  const taken = units.findIndex((unit, i) => units.indexOf(unit) !== i);
  if (taken >= 0)
    context.report({
      where: `${where}.devices[${taken}].unit`,
      message: `expected a unit of its own, ${units[taken]} is taken`,
    });
  const { line } = first.profile;
  const limits = devices.map(({ profile }) => profile.limits);
  return [
    {
      type: 'modbus',
      name: source.name,
      url: formatLineAddress(source.url),
      line: source.url,
      logger: source.logger ?? null,
      serial: {
        baud: source.baud ?? line.baud,
        parity: source.parity ?? line.parity,
        dataBits: line.dataBits,
        stopBits: source.stopBits ?? line.stopBits,
      },
      intervalMs: source.interval,
      gapMs: source.gap ?? Math.max(LEAST_GAP, ...limits.map(({ gapMs }) => gapMs)),
      timeoutMs: source.timeout ?? Math.max(...limits.map(({ timeoutMs }) => timeoutMs)),
      devices,
      silentAfterMs: source.silentAfter,
    },
  ];
}

function isRegisters(data: ProfileData | null): data is RegisterProfileData {
  return data?.kind === 'registers';
}
