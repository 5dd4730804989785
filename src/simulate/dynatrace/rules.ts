/**
 * What the stand-in insists on. Where the behaviour of the real API is documented the default is the documented one;
 * where it is not known, the default is the stricter reading and the other one is a switch.
 */
export interface Rules extends GrammarRules {
  /** A point outside the window: an invalid line, or counted as OK and dropped unseen. */
  readonly timestamps: 'reject' | 'drop';
  /** Uncompressed size of a metrics body; more is 413. */
  readonly maxBodyBytes: number;
  /** The same for business events. */
  readonly maxEventBytes: number;
  /** Lines (or events) of a body; more is 413. No limit is documented. */
  readonly maxLines: number | null;
  /** `text/plain` only; otherwise 415. */
  readonly contentType: 'strict' | 'any';
  /** False: a compressed body is 415. */
  readonly gzip: boolean;
  /** A line without characters, as after a trailing line feed. */
  readonly blankLines: 'invalid' | 'ignored';
  /** How many invalid lines a reply names; null names all. The real one is known to stop at 10. */
  readonly errorsListed: number | null;
  /** Whether metadata lines are part of `linesOk`. */
  readonly metadataCounted: boolean;
}

export interface GrammarRules {
  /** The protocol page says 255, the limits table 250. */
  readonly keyLimit: number;
  /** 255 or 250, by page. */
  readonly dimensionValueLimit: number;
  /** Every client library allows a section that begins with a digit; the API has refused it. */
  readonly digitSections: 'invalid' | 'valid';
  /** `1e10`, without a decimal point. */
  readonly bareExponents: 'invalid' | 'valid';
  readonly negativeDeltas: 'invalid' | 'valid';
  readonly duplicateDimensions: 'last' | 'first';
}

export const STRICT: Rules = {
  timestamps: 'reject',
  maxBodyBytes: 1_000_000,
  maxEventBytes: 5_000_000,
  maxLines: null,
  contentType: 'strict',
  gzip: true,
  blankLines: 'invalid',
  errorsListed: null,
  metadataCounted: true,
  keyLimit: 250,
  dimensionValueLimit: 250,
  digitSections: 'invalid',
  bareExponents: 'invalid',
  negativeDeltas: 'invalid',
  duplicateDimensions: 'last',
};
