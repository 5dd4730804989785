import type { Minute } from '../../model/time.ts';
import type { Boot, Boots } from '../tables/boots.ts';

/** This boot: its number in the rows, and which minutes hold readings whose time is provisional. */
export class CurrentBoot {
  readonly id: number;
  readonly #table: Boots;
  readonly #minutes = new Set<Minute>();
  #confirmed = false;

  constructor(table: Boots, boot: Boot) {
    this.id = boot.id;
    this.#table = table;
    this.reload();
  }

  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Notes that a minute holds readings of this boot; nothing once it is confirmed. */
  mark(minute: Minute): void {
    if (this.#confirmed || this.#minutes.has(minute)) return;
    this.#minutes.add(minute);
    this.#table.mark(this.id, minute);
  }

  unmark(minute: Minute): void {
    this.#minutes.delete(minute);
    this.#table.unmark(this.id, minute);
  }

  /** Whether time must not be held against the readings of a minute yet. */
  isProvisional(minute: Minute): boolean {
    return !this.#confirmed && this.#minutes.has(minute);
  }

  /** In ascending order. */
  provisionalMinutes(): Minute[] {
    return [...this.#minutes].sort((a, b) => a - b);
  }

  confirm(): void {
    this.#table.confirm(this.id);
    this.#confirmed = true;
  }

  /** Forgets what a rolled back transaction may have added. */
  reload(): void {
    this.#confirmed = this.#table.all().some(({ id, confirmed }) => id === this.id && confirmed);
    this.#minutes.clear();
    for (const minute of this.#table.provisionalMinutes(this.id)) this.#minutes.add(minute);
  }
}
