/** Which registers of a device are read when. Pure: every "now" is an argument, on the monotonic clock. */
import { HOUR, MINUTE, type DurationMs, type MonoMs } from '../../model/time.ts';
import type { FunctionCode, ReadRequest } from './read-request.ts';

export interface PlannedBlock {
  readonly fc: FunctionCode;
  /** The address on the wire. */
  readonly start: number;
  readonly count: number;
  readonly every: 'live' | 'slow' | 'daily' | 'once';
  /** Not every device has it. */
  readonly optional: boolean;
  /** Addresses at which it may be cut, ascending: where a value begins. */
  readonly cuts: readonly number[];
}

/** A part of a block that is read in one request. */
export interface Piece {
  readonly block: PlannedBlock;
  readonly start: number;
  readonly count: number;
}

const EVERY: Readonly<Record<PlannedBlock['every'], DurationMs>> = {
  live: 0,
  slow: MINUTE,
  daily: 24 * HOUR,
  once: Number.POSITIVE_INFINITY,
};

export class PollPlan {
  readonly #unit: number;
  readonly #whole: readonly Piece[];
  #pieces: readonly Piece[];
  readonly #readAt = new Map<Piece, MonoMs>();

  constructor(unit: number, blocks: readonly PlannedBlock[], maxWords: number) {
    this.#unit = unit;
    this.#whole = blocks.flatMap((block) => cutInto({ block, start: block.start, count: block.count }, maxWords));
    this.#pieces = this.#whole;
  }

  /** What is to be read now, in the order of the blocks. */
  due(now: MonoMs): Piece[] {
    return this.#pieces.filter((piece) => {
      const readAt = this.#readAt.get(piece);
      return readAt === undefined || now - readAt >= EVERY[piece.block.every];
    });
  }

  request({ block, start, count }: Piece): ReadRequest {
    return { unit: this.#unit, fc: block.fc, start, count };
  }

  /** It was read, or the device has said that it does not have it. */
  done(piece: Piece, now: MonoMs): void {
    this.#readAt.set(piece, now);
  }

  /**
   * The device does not have all of these registers (exception 2): the halves are read instead, and what cannot be halved is
   * left out until the line is opened again. Returns the halves.
   */
  unreadable(piece: Piece): readonly Piece[] {
    const halves = halve(piece);
    this.#pieces = this.#pieces.flatMap((other) => (other === piece ? halves : [other]));
    return halves;
  }

  /** The device may be another now: what is read once is read again, and what it did not have is tried again. */
  reset(): void {
    this.#pieces = this.#whole;
    this.#readAt.clear();
  }
}

function cutInto(piece: Piece, maxWords: number): Piece[] {
  if (piece.count <= maxWords) return [piece];
  const end = piece.start + piece.count;
  const cut = piece.block.cuts.findLast((at) => at > piece.start && at < end && at - piece.start <= maxWords);
  if (cut === undefined) return [piece];
  const [first, rest] = cutAt(piece, cut);
  return [first, ...cutInto(rest, maxWords)];
}

function halve(piece: Piece): readonly Piece[] {
  const middle = piece.start + piece.count / 2;
  const end = piece.start + piece.count;
  const cuts = piece.block.cuts.filter((at) => at > piece.start && at < end);
  const [nearest] = cuts.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  return nearest === undefined ? [] : cutAt(piece, nearest);
}

function cutAt({ block, start, count }: Piece, at: number): [Piece, Piece] {
  return [
    { block, start, count: at - start },
    { block, start: at, count: start + count - at },
  ];
}
