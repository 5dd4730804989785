/** A network address, read from a URL. `host` is without the brackets of IPv6. */
export interface Address<Scheme extends string> {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
}

export type BrokerAddress = Address<'mqtt' | 'mqtts' | 'embedded'>;

const PORTS = { mqtt: 1883, mqtts: 8883, embedded: 1883 } as const;
export const BROKER_ADDRESS = 'mqtt://host:1883, mqtts://host:8883 or embedded://127.0.0.1:1883';

/** What is wrong with a URL, as a clause for a person. */
export type Flaw = { readonly flaw: string };

export function parseBrokerAddress(text: string): BrokerAddress | Flaw {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url?.protocol.slice(0, -1);
  if (url === null || !isBrokerScheme(scheme) || url.hostname === '') return { flaw: `expected ${BROKER_ADDRESS}` };
  if (url.username !== '' || url.password !== '')
    return { flaw: 'expected no user in the address; use the keys username and password' };
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '')
    return { flaw: `expected ${BROKER_ADDRESS} with nothing behind the port; topics have a key of their own` };
  const port = url.port === '' ? PORTS[scheme] : Number(url.port);
  return port === 0 ? { flaw: 'expected a port from 1 to 65535' } : { scheme, host: bare(url.hostname), port };
}

export function formatAddress({ scheme, host, port }: Address<string>): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The base URL of a Dynatrace environment, without a slash at the end. */
export function parseTenantUrl(text: string): URL | Flaw {
  const expected = 'expected https://<environment>.live.dynatrace.com or https://<host>:9999/e/<environment-id>';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return { flaw: expected };
  if (url.username !== '' || url.password !== '')
    return { flaw: 'expected no user in the address; the token has a key of its own' };
  if (url.search !== '' || url.hash !== '') return { flaw: `${expected}, without ? or #` };
  const api = url.pathname.search(/\/api\/|\/metrics\/ingest/);
  if (api >= 0)
    return { flaw: `expected the address without the path of the API: ${url.origin}${url.pathname.slice(0, api)}` };
  return url;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || bare(host) === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function isBrokerScheme(scheme: string | undefined): scheme is keyof typeof PORTS {
  return scheme !== undefined && Object.hasOwn(PORTS, scheme);
}
