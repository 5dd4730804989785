/** What inverters have in their registers: all words of the blocks of a map, zero but for these. */
import { registerProfileData } from './register-poll.ts';
import type { SlaveWords } from './pymodbus.ts';

/** A unit that has a map's blocks, with these words by address. */
export function inverterWords(profile: string, words: Readonly<Record<number, number>>): SlaveWords[number] {
  const blocks = registerProfileData(profile).blocks;
  const ofFunction = (code: number): Record<number, string> =>
    Object.fromEntries(
      blocks
        .filter(({ fc }) => fc === code)
        .map(({ start, count }) => [
          start,
          Array.from({ length: count }, (_, i) => (words[start + i] ?? 0).toString(16).padStart(4, '0')).join(''),
        ]),
    );
  return { 3: ofFunction(3), 4: ofFunction(4) };
}

/** Two characters a word. */
export function textWords(address: number, text: string): Record<number, number> {
  const bytes = Buffer.from(text.length % 2 === 0 ? text : `${text}\0`);
  return Object.fromEntries(
    Array.from({ length: bytes.length / 2 }, (_, i) => [address + i, bytes.readUInt16BE(2 * i)]),
  );
}
