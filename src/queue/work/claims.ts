/**
 * Which readings are on their way: claims live in memory only, so what was claimed before a crash is simply owed.
 *
 * A claim is open (its lane is sending it), then unsettled (its result waits for the next commit), then gone. Until it is
 * gone no other lane of its sink gets its minutes, and time does not move them.
 */
import type { Minute } from '../../model/time.ts';
import type { Claim, ClaimRequest, Settlement } from '../queue.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { DueMinute } from './gather-readings.ts';
import { laneKey, type Gathered, type OpenClaim, type UnsettledClaim } from './open-claim.ts';

export class Claims {
  readonly #open = new Map<number, OpenClaim>();
  #unsettled: UnsettledClaim[] = [];
  #lastId = 0;

  /** What waits for a commit, oldest first. */
  get unsettled(): readonly UnsettledClaim[] {
    return this.#unsettled;
  }

  /** Throws when the lane has not given its last claim back, but for the one it asks behind. */
  assertFree(request: ClaimRequest): void {
    const key = laneKey(request);
    for (const { id, request: other } of this.#open.values()) {
      if (laneKey(other) === key && id !== request.behind) throw new Error(`claim ${id} of ${key} is still open`);
    }
  }

  /** Whether the lane's last result waits for a commit; for a replay, that of any route. */
  hasUnsettled({ sink, route, lane }: ClaimRequest): boolean {
    return this.#unsettled.some(
      ({ claim: { request } }) =>
        request.sink === sink && request.lane === lane && (request.route === route || lane === 'replay'),
    );
  }

  open(request: ClaimRequest, sink: StoredSink, { claim, parts }: Gathered): Claim {
    const id = ++this.#lastId;
    const { readings, replay } = claim;
    this.#open.set(id, {
      id,
      sink,
      request,
      parts,
      ids: readings.id.slice(),
      first: readings.first.slice(),
      replay,
    });
    return { ...claim, id };
  }

  /** Throws when the settlement does not fit its claim: that is a mistake of the caller. */
  settle(settlement: Settlement): void {
    const claim = this.#take(settlement.claim);
    const settled = claim.first[settlement.readings];
    const refused = countSamples(settlement.deadLetters) + countSamples(settlement.tooOld);
    if (settled === undefined || refused > settled) {
      throw new Error(
        `claim ${claim.id} has ${claim.ids.length} readings; ${settlement.readings} with ${refused} refused values were settled`,
      );
    }
    this.#unsettled.push({ claim, settlement });
  }

  release(id: number): void {
    this.#take(id);
  }

  /** Forgets results that were committed. */
  committed(done: readonly UnsettledClaim[]): void {
    this.#unsettled = this.#unsettled.filter((unsettled) => !done.includes(unsettled));
  }

  /** Whether readings a sink is owed of a minute are on their way. */
  holdsMinute(sink: number, minute: Minute): boolean {
    return this.#some(sink, (part) => part.kind !== 'letter' && part.minute === minute);
  }

  /**
   * Behind which reading of an owed minute nothing is on its way; null when all of it is, or when another lane has it. Of the claim
   * `behind`, what it left of its last minute is free, unless that goes out device by device: how far it came is not known yet.
   */
  freeFrom(sink: number, { minute, through }: DueMinute, behind: number | undefined): number | null {
    let from = through;
    for (const { id, ids, sink: owner, parts, replay } of this.#all()) {
      if (owner.id !== sink || replay !== null) continue;
      for (const part of parts) {
        if (part.kind === 'letter' || part.minute !== minute) continue;
        if (id !== behind || part.kind === 'devices' || part.whole) return null;
        from = ids[part.end - 1] ?? from;
      }
    }
    return from;
  }

  /** Whether an open claim takes a minute device by device. */
  isOfDevices(id: number): boolean {
    return this.#open.get(id)?.parts.some(({ kind }) => kind === 'devices') ?? false;
  }

  holdsLetter(sink: number, letter: number): boolean {
    return this.#some(sink, (part) => part.kind === 'letter' && part.letter.id === letter);
  }

  holdsReplay(replay: number): boolean {
    return this.#all().some((claim) => claim.replay === replay);
  }

  #some(sink: number, matches: (part: OpenClaim['parts'][number]) => boolean): boolean {
    return this.#all().some((claim) => claim.sink.id === sink && claim.replay === null && claim.parts.some(matches));
  }

  #all(): OpenClaim[] {
    return [...this.#open.values(), ...this.#unsettled.map(({ claim }) => claim)];
  }

  #take(id: number): OpenClaim {
    const claim = this.#open.get(id);
    if (claim === undefined) throw new Error(`claim ${id} is not open`);
    this.#open.delete(id);
    return claim;
  }
}

function countSamples(drafts: Settlement['deadLetters']): number {
  return drafts.reduce((sum, { samples }) => sum + samples.length, 0);
}
