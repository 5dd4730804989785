import { createServer } from 'node:net';
import type { MqttSourceConfig, SourceConfig } from '../config/config.ts';
import { GatewayError } from '../model/error.ts';
import { SECOND } from '../model/time.ts';
import { checkDevice } from './check-device.ts';
import { failed, passed, type CheckResult } from './check-result.ts';

const TIMEOUT_MS = 15 * SECOND;

/** Logs in to the source's broker as it would, with a client id of its own; an embedded broker must be able to listen. */
export async function checkSource(source: SourceConfig, daemonRunning: boolean): Promise<CheckResult> {
  const name = `source ${source.name}`;
  if (source.type !== 'mqtt') return checkDevice(name, source, daemonRunning);
  return checkBroker(name, source, daemonRunning);
}

async function checkBroker(name: string, source: MqttSourceConfig, daemonRunning: boolean): Promise<CheckResult> {
  if (source.transport === 'embedded') return checkPort(name, source, daemonRunning);
  const { Publisher } = await import('../sources/mqtt/publisher.ts');
  try {
    const connection = await Publisher.connect(
      {
        url: source.url,
        protocol: source.protocol,
        clientId: `gateway-check-${process.pid}`,
        ...(source.username === null ? {} : { username: source.username }),
        ...(source.password === null ? {} : { password: source.password }),
        tls: {
          ...(source.ca === null ? {} : { ca: source.ca.pem }),
          ...(source.fingerprint === null ? {} : { fingerprint: source.fingerprint }),
        },
      },
      AbortSignal.timeout(TIMEOUT_MS),
    );
    await connection.close();
    return passed(name, `the broker ${source.url} accepts the login`);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return failed(name, `${source.url}: ${error.message}`, error.hint);
  }
}

async function checkPort(
  name: string,
  { host, port, url }: { readonly host: string; readonly port: number; readonly url: string },
  daemonRunning: boolean,
): Promise<CheckResult> {
  if (daemonRunning) return passed(name, `the running gateway is the broker at ${url}`);
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => resolve(null));
  });
  if (error === null) {
    await new Promise((resolve) => server.close(resolve));
    return passed(name, `the gateway can be the broker at ${url}`);
  }
  return error.code === 'EADDRINUSE'
    ? failed(
        name,
        `port ${port} is taken`,
        `If a broker runs here, use it: ${brokerVariables(host, port)}, or its url in gateway.yaml.`,
      )
    : failed(
        name,
        `cannot listen at ${url}: ${error.code ?? error.message}`,
        'Choose an address of this machine and a port from 1024.',
      );
}

/** Who listens on every address is reached at this machine's own. */
function brokerVariables(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `MQTT_BROKER=${reachable}${port === 1883 ? '' : ` and MQTT_PORT=${port}`}`;
}
