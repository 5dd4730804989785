import type { Writable } from 'node:stream';
import pc from 'picocolors';
import { PLAIN, type Palette } from '../report/palette.ts';

const USUAL_COLUMNS = 80;

/** Where a command writes, and what it may expect of the reader. */
export interface Terminal {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Somebody can be asked: stdin and stderr are a terminal. */
  readonly interactive: boolean;
  /** Colours for stdout; none when it is piped or NO_COLOR is set. */
  readonly palette: Palette;
  /** Columns of stdout; Infinity when it is piped. */
  width(): number;
  /** Asks on stderr for a yes; anything else is a no. */
  confirm(question: string): Promise<boolean>;
}

/** The process's own streams. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    stdout,
    stderr,
    stdoutIsTerminal: stdout.isTTY,
    stderrIsTerminal: stderr.isTTY,
    interactive: stdin.isTTY && stderr.isTTY,
    palette: stdout.isTTY && pc.isColorSupported ? coloured() : PLAIN,
    width: () => columnsOf(stdout),
    confirm,
  };
}

/** What a stream can show in a line. Terminals that do not say how wide they are, such as serial consoles, say 0. */
export function columnsOf({ isTTY, columns }: { isTTY: boolean; columns?: number | undefined }): number {
  return isTTY ? columns || USUAL_COLUMNS : Infinity;
}

function coloured(): Palette {
  return { bold: pc.bold, dim: pc.dim, good: pc.green, warn: pc.yellow, bad: pc.red };
}

async function confirm(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
