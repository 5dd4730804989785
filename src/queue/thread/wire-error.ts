import { GatewayError } from '../../model/error.ts';
import { codeOf } from '../file/sqlite-error.ts';
import type { WireError } from './protocol.ts';

export function toWire(thrown: unknown): WireError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = codeOf(error);
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: code === '' ? undefined : code,
    person: error instanceof GatewayError ? { hint: error.hint, exitCode: error.exitCode } : null,
  };
}

/** The same error again: a GatewayError where it was one, else one with the code it had. */
export function fromWire({ name, message, stack, code, person }: WireError): Error {
  if (person !== null) return new GatewayError(message, person);
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
