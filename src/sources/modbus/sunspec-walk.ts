/**
 * SunSpec devices say themselves which models they have and where: after the marker `SunS` stand a number and a length, then
 * the model, then the next (SunSpec Device Information Model Specification, 4 and 6).
 */
import type { Bus, ReadOutcome } from './bus.ts';

export interface FoundModel {
  readonly model: number;
  /** Where its number stands. */
  readonly address: number;
  /** With number and length. */
  readonly words: number;
}

export interface WalkRequest {
  readonly unit: number;
  readonly wanted: readonly number[];
  readonly maxWords: number;
  /** What an earlier walk found; null walks again. */
  readonly known: readonly FoundModel[] | null;
}

export interface WalkResult {
  /** Null when the device could not be walked. */
  readonly found: readonly FoundModel[] | null;
  /** In hex, by the model's number; a model may be there more than once. */
  readonly models: Record<string, string[]>;
  readonly refusals: readonly string[];
  readonly trouble: string | null;
}

const BASES = [40_000, 50_000, 0];
const MARKER = '53756e53';
const END = 0xffff;
const MAX_MODELS = 64;

/** Finds the models where they are not known yet, and reads those that are wanted. */
export async function readModels(bus: Bus, request: WalkRequest): Promise<WalkResult> {
  const walked = request.known === null ? await walk(bus, request.unit) : { found: request.known };
  if ('trouble' in walked) return { found: null, models: {}, refusals: [], trouble: walked.trouble };
  const models: Record<string, string[]> = {};
  const refusals: string[] = [];
  for (const { model, address, words } of walked.found) {
    if (!request.wanted.includes(model)) continue;
    const data = await readWhole(bus, request, address, words);
    // Values and their scale factors must be of one moment, so a model is all or nothing.
    if (typeof data !== 'string') {
      if (data.kind === 'invalid') refusals.push(`model ${model}: ${data.reason}`);
      return { found: null, models, refusals, trouble: `model ${model} could not be read` };
    }
    if (Number.parseInt(data.slice(0, 4), 16) !== model)
      return { found: null, models, refusals: [...refusals, `model ${model} is elsewhere now`], trouble: null };
    (models[String(model)] ??= []).push(data);
  }
  return { found: walked.found, models, refusals, trouble: null };
}

type Walked = { readonly found: readonly FoundModel[] } | { readonly trouble: string };

/** The models, or why there are none to be found. */
async function walk(bus: Bus, unit: number): Promise<Walked> {
  for (const base of BASES) {
    const marker = await bus.read({ unit, fc: 3, start: base, count: 2 });
    if (marker.kind === 'down' || marker.kind === 'timeout') return { trouble: `unit ${unit} does not answer` };
    if (marker.kind === 'data' && hex(marker.bytes) === MARKER) return list(bus, unit, base + 2);
  }
  return { trouble: `unit ${unit} is no SunSpec device: it has no marker at 40000, 50000 or 0` };
}

async function list(bus: Bus, unit: number, first: number): Promise<Walked> {
  const found: FoundModel[] = [];
  for (let address = first; found.length < MAX_MODELS;) {
    const head = await bus.read({ unit, fc: 3, start: address, count: 2 });
    // Some devices end without an end.
    if (head.kind === 'exception' && found.length > 0) break;
    if (head.kind !== 'data') return { trouble: `the list of models of unit ${unit} could not be read` };
    const [a = 0, b = 0, c = 0, d = 0] = head.bytes;
    const model = (a << 8) | b;
    if (model === END || model === 0) break;
    const words = ((c << 8) | d) + 2;
    if (address + words > 0x1_0000) return { trouble: `the list of models of unit ${unit} makes no sense` };
    found.push({ model, address, words });
    address += words;
  }
  return { found };
}

async function readWhole(
  bus: Bus,
  { unit, maxWords }: WalkRequest,
  address: number,
  words: number,
): Promise<string | Exclude<ReadOutcome, { kind: 'data' }>> {
  let data = '';
  for (let done = 0; done < words; done += maxWords) {
    const count = Math.min(maxWords, words - done);
    const outcome = await bus.read({ unit, fc: 3, start: address + done, count });
    if (outcome.kind !== 'data') return outcome;
    data += hex(outcome.bytes);
  }
  return data;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
