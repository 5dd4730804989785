import type { Outcome } from '../../model/outcome.ts';

/**
 * Learns whether a server takes gzip, which is not documented: a body refused compressed and taken as identity right after
 * shows that it does not. Remembered for the process's lifetime.
 */
export class Compression {
  #suspected = false;
  #identityOnly = false;

  get identityOnly(): boolean {
    return this.#identityOnly;
  }

  /** `compressed`: as the body was sent; null when it was too small to tell. */
  observe(compressed: boolean | null, outcome: Outcome): void {
    if (compressed === null) return;
    const taken = outcome.kind === 'accepted' || outcome.kind === 'partial';
    if (compressed) this.#suspected = outcome.kind === 'refused' && outcome.tryIdentity;
    else if (taken && this.#suspected) this.#identityOnly = true;
  }
}
