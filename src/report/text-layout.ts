import type { EpochMs } from '../model/time.ts';
import type { Palette } from './palette.ts';

export interface TextLayout {
  readonly palette: Palette;
  /** Columns; Infinity where nothing limits them. */
  readonly width: number;
  readonly now: EpochMs;
}
