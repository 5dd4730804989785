import { EXIT, GatewayError } from '../../model/error.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

const SCHEMES: Readonly<Record<string, { readonly secure: boolean; readonly port: number }>> = {
  'mqtt:': { secure: false, port: 1883 },
  'tcp:': { secure: false, port: 1883 },
  'mqtts:': { secure: true, port: 8883 },
  'ssl:': { secure: true, port: 8883 },
  'tls:': { secure: true, port: 8883 },
};

/** Reads `mqtt://host:port` or `mqtts://host:port`. Throws a GatewayError (configuration) for anything else. */
export function parseBrokerAddress(text: string): BrokerAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined || url.hostname === '') {
    throw configuration(
      'The address of the MQTT broker cannot be used.',
      'Write it as mqtt://host:1883 or mqtts://host:8883.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw configuration(
      'The address of the MQTT broker contains a user name or password.',
      'Move them to the keys `username` and `password` (or `passwordFile`); addresses appear in logs and status.',
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? scheme.port : Number(url.port),
    secure: scheme.secure,
  };
}

function configuration(message: string, hint: string): GatewayError {
  return new GatewayError(message, { hint, exitCode: EXIT.configuration });
}
