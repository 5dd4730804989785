import type { Writable } from 'node:stream';

const BAR = 24;

/** One line on a terminal, drawn over itself: `[######------]  50 %  label`. Cut to the terminal's width. */
export class ProgressBar {
  readonly #stream: Writable;
  readonly #width: number;
  #drawn = '';

  constructor(stream: Writable, width: number) {
    this.#stream = stream;
    this.#width = width;
  }

  /** `fraction` from 0 to 1; outside it is clamped. */
  draw(fraction: number, label: string): void {
    const text = barText(fraction, label).slice(0, Math.max(0, this.#width - 1));
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#stream.write(`\r\u001B[2K${text}`);
  }

  /** Leaves the last state on its line. */
  finish(): void {
    if (this.#drawn !== '') this.#stream.write('\n');
    this.#drawn = '';
  }
}

/** The text of a bar; pure. */
export function barText(fraction: number, label: string): string {
  const done = Math.min(1, Math.max(0, Number.isNaN(fraction) ? 0 : fraction));
  const full = Math.floor(done * BAR);
  const percent = String(Math.floor(done * 100)).padStart(3);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${percent} %  ${label}`;
}
