import type { Fault, RouteName } from './fault.ts';

type Kind = Fault['kind'];
type Of<K extends Kind> = Extract<Fault, { kind: K }>;

interface Active {
  readonly fault: Fault;
  left: number;
}

/**
 * The faults in force. Of several of one kind, those with `times` take their turns in the order given; then the newest
 * of the others holds.
 */
export class Faults {
  #active: Active[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(kind?: string): void {
    this.#active = kind === undefined ? [] : this.#active.filter((a) => a.fault.kind !== kind);
  }

  /** Each with the turns it has left. */
  list(): Fault[] {
    return this.#active.map(({ fault, left }) =>
      left === Number.POSITIVE_INFINITY ? fault : { ...fault, times: left },
    );
  }

  /** The fault of a kind that is in force for a route and a condition; uses one of its turns. */
  take<K extends Kind>(kind: K, route: RouteName | null, holds: (fault: Of<K>) => boolean = () => true): Of<K> | null {
    const fitting = this.every(kind, route).filter(holds);
    const fault = fitting.find((f) => f.times !== undefined) ?? fitting.at(-1) ?? null;
    if (fault !== null) this.used(fault);
    return fault;
  }

  /** All faults of a kind for a route; uses no turn. */
  every<K extends Kind>(kind: K, route: RouteName | null): Of<K>[] {
    const isKind = (fault: Fault): fault is Of<K> => fault.kind === kind;
    return this.#active
      .map((a) => a.fault)
      .filter(isKind)
      .filter((fault) => fault.route === undefined || fault.route === route);
  }

  /** Counts a request that the fault changed. */
  used(fault: Fault): void {
    const active = this.#active.find((a) => a.fault === fault);
    if (active === undefined) return;
    active.left -= 1;
    if (active.left <= 0) this.#active = this.#active.filter((a) => a !== active);
  }
}
