import { ItemTexts } from '../model/item-texts.ts';
import type { Claim } from '../queue/queue.ts';
import { Bisect } from './bisect.ts';
import { FoldSpace } from './fold.ts';
import { itemsOf, type Items } from './items.ts';
import type { RouteChannel } from './route-channel.ts';

/** A claim on its way to the sink. */
export interface Batch {
  readonly claim: Claim;
  readonly items: Items;
  readonly bisect: Bisect;
}

/** What a batch needs memory for. */
interface Room {
  readonly space: FoldSpace;
  readonly texts: readonly ItemTexts[];
}

/** Makes batches of a lane's claims, in two rooms used in turn: one can be begun while the one before is sent. */
export class Batches {
  readonly #channel: RouteChannel;
  readonly #rooms: [Room, Room];

  /** `atOnce`: requests of a batch on their way at most. */
  constructor(channel: RouteChannel, atOnce: number) {
    this.#channel = channel;
    const { separator } = channel.route;
    const room = (): Room => ({
      space: new FoldSpace(),
      texts: Array.from({ length: atOnce + 1 }, () => new ItemTexts(separator)),
    });
    this.#rooms = [room(), room()];
  }

  /** Renders its first requests. It is good until the second one after it is begun. */
  begin(claim: Claim): Batch {
    const { route, sink, doubts } = this.#channel;
    this.#rooms.reverse();
    const [{ space, texts }] = this.#rooms;
    const items = itemsOf(claim.readings, route, sink.resolution, space);
    const bisect = new Bisect(items, route, doubts, texts);
    bisect.prepare();
    return { claim, items, bisect };
  }
}
