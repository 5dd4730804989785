/** Where a Modbus line is: a serial port of this machine, or something on the network that leads to one. */
export type LineAddress =
  | { readonly kind: 'serial'; readonly path: string }
  | { readonly kind: 'rtu-tcp' | 'tcp' | 'solarman'; readonly host: string; readonly port: number };

export const LINE_ADDRESS = 'serial:/dev/serial/by-id/…, tcp://host:502, rtu+tcp://host:port or solarman://host:8899';

const NETWORK = {
  'tcp:': { kind: 'tcp', port: 502 },
  'rtu+tcp:': { kind: 'rtu-tcp', port: null },
  'solarman:': { kind: 'solarman', port: 8899 },
} as const;

/** What is wrong with an address comes as a clause for a person. */
export function parseLineAddress(text: string): LineAddress | { readonly flaw: string } {
  const serial = /^serial:(?:\/\/)?(\/.+)$/.exec(text)?.[1];
  if (serial !== undefined) return { kind: 'serial', path: serial };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !isNetwork(url.protocol) || url.hostname === '') return { flaw: `expected ${LINE_ADDRESS}` };
  const { kind, port: usual } = NETWORK[url.protocol];
  const port = url.port === '' ? usual : Number(url.port);
  if (port === null || port === 0) return { flaw: 'expected a port from 1 to 65535' };
  if (url.username !== '' || url.password !== '' || !['', '/'].includes(url.pathname) || url.search !== '')
    return { flaw: 'expected nothing but host and port: Modbus has no login' };
  return { kind, host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port };
}

export function formatLineAddress(address: LineAddress): string {
  if (address.kind === 'serial') return `serial:${address.path}`;
  const scheme = address.kind === 'rtu-tcp' ? 'rtu+tcp' : address.kind;
  return `${scheme}://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

function isNetwork(protocol: string): protocol is keyof typeof NETWORK {
  return Object.hasOwn(NETWORK, protocol);
}
