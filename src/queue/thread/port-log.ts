import type { Log } from '../../platform/log.ts';
import type { LogLevel, Reply } from './protocol.ts';
import { toWire } from './wire-error.ts';

/** Hands lines to the main thread's log. */
export function portLog(post: (reply: Reply) => void, bindings: object = {}): Log {
  const line =
    (level: LogLevel) =>
    (fields: object, message: string): void =>
      post({ kind: 'log', level, fields: { ...bindings, ...cloneable(fields) }, message });
  return {
    error: line('error'),
    warn: line('warn'),
    info: line('info'),
    debug: line('debug'),
    child: (more) => portLog(post, { ...bindings, ...more }),
  };
}

function cloneable(fields: object): object {
  return 'err' in fields && fields.err instanceof Error ? { ...fields, err: toWire(fields.err) } : fields;
}
