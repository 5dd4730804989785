import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { DurationMs } from '../../model/time.ts';
import { sharedLookup } from '../../platform/shared-lookup.ts';
import type { BrokerAddress } from './broker-address.ts';
import { endOfFingerprint, endOfSocketError } from './connection-end.ts';
import type { ConnectionEnd } from './connection-end.ts';

const CONNECT_TIMEOUT: DurationMs = 10_000;

export interface TlsTrust {
  /** PEM text of the authorities to trust instead of the system's. */
  readonly ca?: string;
  /** SHA-256 of the broker's own certificate in hex, with or without colons; then no authority is needed. */
  readonly fingerprint?: string;
}

export type OpenedStream = { readonly socket: Socket } | { readonly end: ConnectionEnd };

/** Opens the socket to a broker. TLS is finished, and the certificate accepted, before the caller can send a byte. */
export function openBrokerStream(address: BrokerAddress, trust: TlsTrust, signal: AbortSignal): Promise<OpenedStream> {
  return new Promise((resolve) => {
    const { host, port } = address;
    const socket = address.secure ? tlsSocket(address, trust) : connectTcp({ host, port, lookup: sharedLookup });
    const settle = (result: OpenedStream): void => {
      socket.removeListener('error', fail);
      socket.removeListener('close', closed);
      signal.removeEventListener('abort', abort);
      socket.setTimeout(0);
      if ('end' in result) {
        socket.on('error', () => undefined); // A destroyed socket may still report; it is no longer of interest.
        socket.destroy();
      }
      resolve(result);
    };
    const fail = (error: unknown): void => settle({ end: endOfSocketError(error) });
    const closed = (): void => fail(new Error('the connection was closed'));
    const abort = (): void => fail(new Error('stopped'));
    const ready = (): void => {
      const actual = trust.fingerprint === undefined ? null : fingerprintOf(socket);
      if (actual !== null && normalised(actual) !== normalised(trust.fingerprint ?? '')) {
        settle({ end: endOfFingerprint(actual) });
        return;
      }
      socket.setNoDelay(true);
      settle({ socket });
    };

    socket.on('error', fail);
    socket.on('close', closed);
    socket.setTimeout(CONNECT_TIMEOUT, () => fail(new Error('no answer within 10 s')));
    socket.once(address.secure ? 'secureConnect' : 'connect', ready);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function tlsSocket({ host, port }: BrokerAddress, trust: TlsTrust): TLSSocket {
  return connectTls({
    host,
    port,
    lookup: sharedLookup,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    // With a pinned certificate the fingerprint decides, in `ready`, instead of the chain.
    rejectUnauthorized: trust.fingerprint === undefined,
  });
}

/** Null for a plain socket; empty, which matches nothing, when the peer showed no certificate. */
function fingerprintOf(socket: Socket | TLSSocket): string | null {
  if (!('getPeerCertificate' in socket)) return null;
  return socket.getPeerCertificate().fingerprint256 ?? '';
}

function normalised(fingerprint: string): string {
  return fingerprint.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
}
