import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { EXIT, GatewayError } from '../model/error.ts';
import type { EpochMs } from '../model/time.ts';
import { systemClock } from '../platform/clock.ts';
import { forDisplay, type RequestRecord } from '../simulate/dynatrace/request-record.ts';
import { StandIn } from '../simulate/dynatrace/stand-in.ts';
import { stopSignal } from './stop-signal.ts';
import { processTerminal } from './terminal.ts';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly store: boolean;
  readonly json: boolean;
}

export function simulateDynatraceCommand(): Command {
  return new Command('dynatrace')
    .description('a strict local stand-in for the Dynatrace ingest API')
    .option('--port <port>', 'port; 0 takes a free one', portArgument, 18080)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--token <token>', 'the one token it accepts (default: any)')
    .option('--no-store', 'check and count, keep nothing')
    .option('--json', 'one JSON object per request', false)
    .addHelpText(
      'after',
      `
Examples:
  gateway simulate dynatrace
  gateway simulate dynatrace --port 0 --token secret --json

While it runs:
  curl URL/_standin/state                     what it stored, counted and was asked
  curl URL/_standin/fault -d '{"kind":"status","status":503,"times":3}'
  curl -X DELETE URL/_standin/fault           all well again
Kinds of faults: status, hang, reset, slow-body, refuse-lines, rules, scopes, skew.`,
    )
    .action(simulateDynatrace);
}

async function simulateDynatrace(options: Options): Promise<void> {
  const terminal = processTerminal();
  const signal = stopSignal();
  const standIn = await start(options, (record) => {
    terminal.stdout.write(`${options.json ? JSON.stringify(jsonLine(record)) : textLine(record)}\n`);
  });
  const listening = options.json
    ? JSON.stringify({ listening: standIn.url })
    : `listening on ${standIn.url}  (set DYNATRACE_URL to it; ${options.token === undefined ? 'any token will do' : 'with the token given'})`;
  terminal.stdout.write(`${listening}\n`);
  if (!signal.aborted) await once(signal, 'abort');
  await standIn.stop();
}

async function start(options: Options, onRequest: (record: RequestRecord) => void): Promise<StandIn> {
  const { port, host, token, store } = options;
  try {
    return await StandIn.start({ now, port, host, store, onRequest, ...(token === undefined ? {} : { token }) });
  } catch (cause) {
    throw new GatewayError(`cannot listen on ${host}:${port}: ${(cause as Error).message}`, {
      hint: 'Another program may use the port; choose one with --port.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function now(): EpochMs {
  return systemClock.wallMs();
}

function textLine(record: RequestRecord): string {
  const { at, method, path, status, encoding, bytes, lines, accepted, invalid, faults } = record;
  const outcome = `${accepted} accepted${invalid > 0 ? `, ${invalid} invalid` : ''}`;
  const fault = faults.length > 0 ? `  fault: ${faults.join(', ')}` : '';
  const size = `${(bytes / 1000).toFixed(1)} kB${encoding === 'identity' ? '' : ` ${encoding}`}`;
  return `${new Date(at).toISOString()}  ${status ?? 'no answer'}  ${method} ${path}  ${lines} lines, ${size}  ${outcome}${fault}`;
}

function jsonLine(record: RequestRecord): object {
  return { ...forDisplay(record), at: new Date(record.at).toISOString() };
}

function portArgument(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
