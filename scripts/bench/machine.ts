import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type as systemName } from 'node:os';
import Database from 'better-sqlite3';

/** Where the figures were taken: without it they say nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** Of the last minute before the start: whether something else was running. */
  readonly load: number;
  readonly node: string;
  /** The memory limits the gateway ran with. */
  readonly nodeOptions: string;
  readonly sqlite: string;
  /** Null where it is not installed. */
  readonly mosquitto: string | null;
  /** `build` or `source`. */
  readonly program: string;
}

export function describeMachine(program: 'build' | 'source', nodeOptions: string): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown processor',
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: `${systemName()} ${release()}`,
    load: loadavg()[0] ?? 0,
    node: process.version,
    nodeOptions,
    sqlite: sqliteVersion(),
    mosquitto: mosquittoVersion(),
    program,
  };
}

function sqliteVersion(): string {
  const database = new Database(':memory:');
  try {
    return String(database.prepare('SELECT sqlite_version()').pluck().get());
  } finally {
    database.close();
  }
}

function mosquittoVersion(): string | null {
  try {
    // It prints its version with its help, and ends with 3.
    execFileSync('/usr/sbin/mosquitto', ['-h'], { stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    const { stdout } = error as { stdout?: Buffer };
    return /mosquitto version (\S+)/.exec(stdout?.toString() ?? '')?.[1] ?? null;
  }
  return null;
}
