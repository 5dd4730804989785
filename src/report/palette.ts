/** How a text view marks what matters. Injected: reports know nothing of terminals. */
export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
}

export type Paint = (text: string) => string;

const unchanged: Paint = (text) => text;

/** For pipes and files. */
export const PLAIN: Palette = { bold: unchanged, dim: unchanged, good: unchanged, warn: unchanged, bad: unchanged };
