import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { isSecretKey } from './issue.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment together with the working directory's `.env`; the real environment wins. */
export class Environment {
  /** Why `.env` could not be read; null when it was, or does not exist. */
  readonly unreadable: string | null;
  /** The path of `.env` where a secret stands in it. */
  readonly secretFile: string | null;
  readonly #variables: Variables;
  readonly #file: Variables;

  constructor(real: Variables, cwd: string) {
    const path = join(cwd, '.env');
    let file: Variables = {};
    let unreadable: string | null = null;
    try {
      file = parseEnv(quoteHashes(readFileSync(path, 'utf8')));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code !== 'ENOENT') unreadable = `${path} cannot be read: ${code}`;
    }
    this.#variables = { ...file, ...real };
    this.#file = file;
    this.unreadable = unreadable;
    const holdsSecret = Object.entries(file).some(([name, value]) => value !== '' && isSecretVariable(name));
    this.secretFile = holdsSecret ? path : null;
  }

  /** An empty variable counts as unset: compose passes `${NAME:-}` on as an empty one. */
  get(name: string): string | undefined {
    const value = this.#variables[name];
    return value === '' ? undefined : value;
  }

  /** Where a variable stands, in words. What is the same in both is of the file, which systemd hands over. */
  placeOf(name: string): string {
    return this.#variables[name] === this.#file[name] ? '.env' : 'the environment';
  }

  names(): string[] {
    return Object.keys(this.#variables).filter((name) => this.get(name) !== undefined);
  }
}

/** Whether a variable of this name holds a secret: the installer's URL has a token in it, the shell's folders are no password. */
export function isSecretVariable(name: string): boolean {
  return name === 'DT_ONEAGENT_URL' || (isSecretKey(name) && !/^(?:OLD)?PWD$/.test(name));
}

/**
 * Node cuts an unquoted value at any `#`; python-dotenv and compose only at one after a blank. `MQTT_TOPIC=amis/#` and a
 * password with a `#` mean the same here as there.
 */
export function quoteHashes(text: string): string {
  return text.replaceAll(
    /^([ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=)([^\s'"`][^\r\n]*|[ \t]+[^\s'"`#][^\r\n]*)$/gm,
    (line, start: string, rest: string) => {
      if (!rest.includes('#')) return line;
      const value = rest.replace(/\s#.*$/, '').trim();
      const quote = ["'", '`', '"'].find((mark) => !value.includes(mark));
      return quote === undefined ? line : start + quote + value + quote;
    },
  );
}
