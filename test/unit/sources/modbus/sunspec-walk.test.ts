import { describe, expect, it } from 'vitest';
import { readModels, type FoundModel, type WalkResult } from '../../../../src/sources/modbus/sunspec-walk.ts';
import { modbusScene } from '../../../support/modbus-scene.ts';
import { deviceWith, wordsFrom } from '../../../support/simulated-line.ts';

const MARKER = '53756e53';
const COMMON = `0001 0002 4142 4344`;
const INVERTER = `0067 0003 1111 2222 3333`;
const END = 'ffff 0000';

/** A device with these words from a base on; `read` as the source does. */
function scene(base: number, hex: string) {
  const words = new Map(wordsFrom(base, hex));
  const { bus, line, soon } = modbusScene({ 1: deviceWith(words) });
  const read = (known: readonly FoundModel[] | null = null, wanted = [1, 103], maxWords = 125): Promise<WalkResult> =>
    soon(readModels(bus, { unit: 1, wanted, maxWords, known }));
  return { words, line, read };
}

describe('the models of a SunSpec device', () => {
  it.each([40_000, 50_000, 0])('are found from %s on', async (base) => {
    const { read } = scene(base, MARKER + COMMON + INVERTER + END);
    const { models, found, trouble } = await read();
    expect(models).toEqual({ 1: ['0001000241424344'], 103: ['00670003111122223333'] });
    expect(found?.map(({ address }) => address - base)).toEqual([2, 6]);
    expect(trouble).toBeNull();
  });

  it('are read where they were found, without a walk', async () => {
    const { read, line } = scene(40_000, MARKER + COMMON + INVERTER + END);
    const { found } = await read();
    const asked = line.requests.length;
    await read(found);
    expect(line.requests.length - asked).toBe(2);
  });

  it('are walked anew when one is not where it was', async () => {
    const { read, words } = scene(40_000, MARKER + COMMON + INVERTER + END);
    const { found } = await read();
    for (const [address, word] of wordsFrom(40_002, `0001 0003 4142 4344 4546 ${INVERTER} ${END}`))
      words.set(address, word);
    const moved = await read(found);
    expect(moved).toMatchObject({ found: null, refusals: ['model 103 is elsewhere now'] });
    expect(moved.models).not.toHaveProperty('103');
    expect((await read(moved.found)).models).toHaveProperty('103', ['00670003111122223333']);
  });

  it('are all or nothing: a long one that cannot be read to its end is left out', async () => {
    const { read, words } = scene(40_000, MARKER + COMMON + INVERTER + END);
    const { found } = await read();
    words.delete(40_010);
    const result = await read(found, [103], 3);
    expect(result.models).toEqual({});
    expect(result.trouble).toBe('model 103 could not be read');
  });

  it('are there several times when a device has several', async () => {
    const { read } = scene(40_000, MARKER + INVERTER + INVERTER + END);
    expect((await read()).models['103']).toHaveLength(2);
  });

  it('end where the device ends, with an end or without', async () => {
    const { read } = scene(40_000, MARKER + COMMON + INVERTER);
    expect((await read()).models).toHaveProperty('103');
  });

  it.each([
    ['of a device without a marker', 40_000, '0000 0000', 'is no SunSpec device'],
    ['whose lengths make no sense', 40_000, `${MARKER} 0067 ffff`, 'makes no sense'],
    ['of which not even one can be read', 40_000, MARKER, 'could not be read'],
  ])('%s are none', async (_, base, hex, trouble) => {
    const { read } = scene(base, hex);
    const result = await read();
    expect(result).toMatchObject({ found: null, models: {} });
    expect(result.trouble).toContain(trouble);
  });
});
