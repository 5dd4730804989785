import { ColumnSpace } from './column-space.ts';
import { CLAIM_BOUNDS, type ClaimBounds } from './item-limit.ts';

/** Where claims are put together, one at a time, and how large one may become. */
export interface ClaimRoom {
  readonly bounds: ClaimBounds;
  readonly space: ColumnSpace;
}

export function claimRoom(bounds: ClaimBounds = CLAIM_BOUNDS): ClaimRoom {
  return { bounds, space: new ColumnSpace() };
}
