import { EXIT, GatewayError } from '../../model/error.ts';
import type { Password } from '../password.ts';
import { parseBrokerAddress } from './broker-address.ts';
import { openBrokerStream } from './broker-stream.ts';
import type { TlsTrust } from './broker-stream.ts';
import { Connection } from './connection.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { revealLogin } from './login.ts';
import { firstAttempt, nextAttempt } from './reconnect.ts';
import type { ProtocolChoice, ProtocolLevel } from './reconnect.ts';

const CLOSE_WITHIN_MS = 1_000;

export interface PublisherOptions {
  /** `mqtt://host:1883` or `mqtts://host:8883`. */
  readonly url: string;
  readonly protocol: ProtocolChoice;
  /** Must not be that of a source: the broker would end the source's connection. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: Password;
  readonly tls?: TlsTrust;
}

/** One connection to a broker that sends: for the simulated meter, and to try a login. It does not reconnect. */
export class Publisher {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Logs in. Rejects with a GatewayError that says why the broker cannot be used and what to do. */
  static async connect(options: PublisherOptions, signal: AbortSignal): Promise<Publisher> {
    let attempt = firstAttempt(options.protocol);
    for (;;) {
      const result = await open(options, attempt.protocol, signal);
      if (result instanceof Connection) return new Publisher(result);
      const next = nextAttempt(attempt, result, 0, options.protocol, () => 0);
      // Only the step from MQTT 5 to 3.1.1 is taken without a pause.
      if (next.delayMs > 0 || signal.aborted) throw failure(result);
      attempt = next;
    }
  }

  /** Resolves when the broker has taken the message (QoS 1) or it is on its way (QoS 0). Rejects with a GatewayError. */
  async publish(topic: string, payload: string | Buffer, options: { qos: 0 | 1; retain: boolean }): Promise<void> {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const code = await this.#connection.publish(topic, bytes, options);
    if (code === null) {
      throw new GatewayError('The connection to the broker broke.', {
        hint: 'Look whether the broker is running, and connect again.',
        exitCode: EXIT.failing,
      });
    }
    if (code >= 0x80) {
      throw new GatewayError(`The broker does not allow publishing to ${topic}.`, {
        hint: "Allow it for this user in the broker's access list.",
        exitCode: EXIT.failing,
      });
    }
  }

  /** Resolves when the connection has ended, for whatever reason. */
  async ended(): Promise<void> {
    await this.#connection.ended;
  }

  async close(): Promise<void> {
    await this.#connection.close(CLOSE_WITHIN_MS);
  }
}

async function open(
  options: PublisherOptions,
  protocol: ProtocolLevel,
  signal: AbortSignal,
): Promise<Connection | ConnectionEnd> {
  const { url, tls } = options;
  const login = revealLogin(options, true);
  if ('cause' in login) return login;
  const opened = await openBrokerStream(parseBrokerAddress(url), tls ?? {}, signal);
  if ('end' in opened) return opened.end;
  return new Promise((resolve) => {
    const connection = new Connection(opened.socket, login, protocol, {
      accepted: () => undefined,
      ready: () => {
        // The signal bounds the login, not the life of the connection.
        signal.removeEventListener('abort', abort);
        resolve(connection);
      },
      delivered: (_delivery, next) => next(),
    });
    const abort = (): void => void opened.socket.destroy();
    signal.addEventListener('abort', abort, { once: true });
    void connection.ended.then((end) => {
      signal.removeEventListener('abort', abort);
      resolve(end);
    });
  });
}

function failure(end: ConnectionEnd): GatewayError {
  return new GatewayError(end.detail, {
    hint: end.hint ?? 'Look whether the broker is running and reachable under the configured address.',
    // Waiting helps against an absent broker, not against a refused login.
    exitCode: end.cause === 'credentials' ? EXIT.configuration : EXIT.failing,
  });
}
