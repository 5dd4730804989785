import { EXIT, GatewayError } from '../../model/error.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `embedded://host:port`. Throws a GatewayError (configuration) when it cannot be used, or would open a broker to
 * the network without a login.
 */
export function parseListenAddress(text: string, hasLogin: boolean): ListenAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'embedded:' || url.hostname === '') {
    throw new GatewayError('The address of the embedded broker cannot be used.', {
      hint: 'Write it as embedded://127.0.0.1:1883.',
      exitCode: EXIT.configuration,
    });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!isLoopback(host) && !hasLogin) {
    throw new GatewayError(`The embedded broker would be open to the network on ${host} without a login.`, {
      hint: 'Set `username` and `password` for this source, or use embedded://127.0.0.1:1883.',
      exitCode: EXIT.configuration,
    });
  }
  return { host, port: url.port === '' ? 1883 : Number(url.port) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
