/**
 * The log: JSON lines for machines, readable lines on a terminal. Written synchronously, so that the line about a crash is
 * out before the process is. No line holds a known secret, whatever it is made of.
 *
 * The same message of the same component about the same source, sink, route or lane at the same level appears at most once in
 * 30 s (a broken broker must not fill a card); the next line then says how often it was `repeated`. `debug` is not limited: it is on only while somebody looks.
 */
import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { SECOND, type DurationMs, type MonoMs } from '../model/time.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Log } from './log.ts';
import { maskSecrets, maskTexts } from './secret.ts';

export interface LogOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** Readable, coloured lines instead of JSON: for a terminal. */
  readonly pretty: boolean;
  /** Standard output when left out. */
  readonly destination?: DestinationStream;
  readonly clock?: Pick<Clock, 'monoMs'>;
}

const QUIET: DurationMs = 30 * SECOND;
const SUBJECTS = ['source', 'sink', 'route', 'lane'] as const;
/** Messages are constants, so there are far fewer; a bound all the same. */
const MAX_REMEMBERED = 1_000;

export async function createLog(options: LogOptions): Promise<Log> {
  const stdout = options.destination ?? pino.destination({ dest: 1, sync: true });
  const stream = options.pretty ? await prettyStream(stdout) : stdout;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err, error: stdSerializers.err },
      hooks: { streamWrite: maskLine },
    },
    stream,
  );
  return new LimitedLog(logger, new Repetitions(options.clock ?? systemClock), '');
}

/** Text by text: a password such as `1234` may also be part of a number or of the time, and the line must stay JSON. */
function maskLine(line: string): string {
  if (maskSecrets(line) === line) return line;
  const { level, time, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return `${JSON.stringify({ level, time, ...(maskTexts(rest) as object) })}\n`;
}

/** pino-pretty costs memory that a daemon without a terminal does not have to spend. */
async function prettyStream(destination: DestinationStream): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return { write: (line) => destination.write(format(line)) };
}

class LimitedLog implements Log {
  readonly #logger: Logger;
  readonly #repetitions: Repetitions;
  /** Tells components apart that use the same message. */
  readonly #component: string;

  constructor(logger: Logger, repetitions: Repetitions, component: string) {
    this.#logger = logger;
    this.#repetitions = repetitions;
    this.#component = component;
  }

  error(fields: object, message: string): void {
    this.#write('error', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#write('warn', fields, message);
  }

  info(fields: object, message: string): void {
    this.#write('info', fields, message);
  }

  debug(fields: object, message: string): void {
    this.#logger.debug(fields, message);
  }

  child(bindings: object): Log {
    const component = `${this.#component} ${JSON.stringify(bindings)}`;
    return new LimitedLog(this.#logger.child(bindings), this.#repetitions, component);
  }

  #write(level: 'error' | 'warn' | 'info', fields: object, message: string): void {
    if (!this.#logger.isLevelEnabled(level)) return;
    const repeated = this.#repetitions.count(`${level}${this.#component}${subjectOf(fields)} ${message}`);
    if (repeated === null) return;
    this.#logger[level](repeated === 0 ? fields : { ...fields, repeated }, message);
  }
}

/** Whom a line is about. */
function subjectOf(fields: { readonly [key in (typeof SUBJECTS)[number]]?: unknown }): string {
  return JSON.stringify(SUBJECTS.map((key) => fields[key]));
}

class Repetitions {
  readonly #clock: Pick<Clock, 'monoMs'>;
  readonly #seen = new Map<string, { since: MonoMs; suppressed: number }>();

  constructor(clock: Pick<Clock, 'monoMs'>) {
    this.#clock = clock;
  }

  /** How often the line was held back since it last appeared; null when it is to be held back now. */
  count(key: string): number | null {
    const now = this.#clock.monoMs();
    const last = this.#seen.get(key);
    if (last !== undefined && now - last.since < QUIET) {
      last.suppressed += 1;
      return null;
    }
    if (last === undefined && this.#seen.size >= MAX_REMEMBERED) this.#seen.clear();
    this.#seen.set(key, { since: now, suppressed: 0 });
    return last?.suppressed ?? 0;
  }
}
