/** How requests and answers are wrapped on a kind of line. Pure: bytes in, bytes out. */
import type { Answer, ReadRequest } from '../read-request.ts';

export interface Framing {
  /** Whether an answer says beyond doubt which request it is of, so that a late one is recognised. */
  readonly identifies: boolean;
  encode(request: ReadRequest, sequence: number): Uint8Array;
  /** Looks at what has come since the request. */
  decode(received: Uint8Array, request: ReadRequest, sequence: number): Decoded;
}

export type Decoded =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** So many bytes in front are passed over: an answer to a request that was given up (`late`), or no answer at all. */
  | { readonly kind: 'foreign'; readonly bytes: number; readonly late: boolean };

export const INCOMPLETE: Decoded = { kind: 'incomplete' };

export function invalid(reason: string): Decoded {
  return { kind: 'answer', answer: { kind: 'invalid', reason } };
}
