/** In stepped time. The same in real time, with a serial port, is test/integration/a-busy-modbus-line-brings-no-wrong-value. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { MINUTE, SECOND, type DurationMs } from '../../../../src/model/time.ts';
import { rtu } from '../../../../src/sources/modbus/framing/rtu.ts';
import { ModbusSource } from '../../../../src/sources/modbus/modbus-source.ts';
import { SeededRandom } from '../../../support/seeded-random.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { SimulatedLine, type SimulatedDevice } from '../../../support/simulated-line.ts';
import { SteppedClock } from '../../../support/stepped-clock.ts';
import { TestInlet } from '../../../support/test-inlet.ts';

const UNITS = [1, 2, 3];
const STARTS = [0x10, 0x20, 0x30];
const COUNT = 6;
const TIMEOUT: DurationMs = 500;
const RUNS_FOR: DurationMs = 10 * MINUTE;
const POLLED_EVERY: DurationMs = 5 * SECOND;
/** Request and answer, ten bits a byte at 9600 baud. */
const ON_THE_LINE: DurationMs = ((8 + 5 + 2 * COUNT) * 10 * SECOND) / 9_600;

/** Three devices on a line of 9600 baud, of which 5 % of the answers are late and 1 % are spoilt. */
function scene(seed: number) {
  const clock = new SteppedClock(Date.UTC(2026, 10, 20, 14));
  const second = (): number => Math.floor(clock.monoMs() / SECOND) & 0xff;
  const random = new SeededRandom(seed);
  const goodFrom = clock.monoMs() + RUNS_FOR - 30 * SECOND;
  const injected = { late: 0, checksum: 0 };
  const deviceOf = (unit: number): SimulatedDevice => ({
    word: (address) => (unit << 14) | (address << 8) | second(),
    behave: () => {
      const afterMs = ON_THE_LINE + random.between(10, 60);
      // So that what is late has come before the end.
      if (clock.monoMs() >= goodFrom) return { afterMs };
      if (random.chance(0.05)) return (injected.late++, { afterMs: TIMEOUT + random.between(10, 4_000) });
      if (random.chance(0.01)) return (injected.checksum++, { afterMs, spoil: 'checksum' });
      return { afterMs };
    },
  });
  const source = new ModbusSource({
    name: 'line',
    link: new SimulatedLine(clock, new Map(UNITS.map((unit) => [unit, deviceOf(unit)]))),
    framing: rtu,
    intervalMs: POLLED_EVERY,
    gapMs: 100,
    timeoutMs: TIMEOUT,
    devices: UNITS.map((unit) => ({
      name: String(unit),
      unit,
      maxWords: 60,
      blocks: STARTS.map((start) => ({ fc: 3, start, count: COUNT, every: 'live', optional: false, cuts: [start] })),
      models: [],
      sleeps: false,
    })),
    clock,
    log: silentLog,
  });
  return { clock, source, injected, second };
}

/** Words that are not of the device and register that their place says, or older than a poll may take. */
function wrongWords(device: string, text: string, now: number): string[] {
  const { blocks } = JSON.parse(text) as { blocks: Readonly<Record<string, string>> };
  return Object.entries(blocks).flatMap(([key, hex]) =>
    Array.from({ length: hex.length / 4 }, (_, i) => {
      const word = Number.parseInt(hex.slice(4 * i, 4 * i + 4), 16);
      const address = Number(key.split(':')[1]) + i;
      const ageSeconds = (now - (word & 0xff)) & 0xff;
      const isRight = word >> 14 === Number(device) && ((word >> 8) & 0x3f) === address && ageSeconds < 20;
      return isRight ? [] : [`${device} ${address}: 0x${word.toString(16)}, ${ageSeconds} s old`];
    }).flat(),
  );
}

it('three devices at 9600 baud, polled every 5 s for ten minutes with late and spoilt answers, bring no wrong word, never stall, and every refusal is counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 2 }), async (seed) => {
      const { clock, source, injected, second } = scene(seed);
      const inlet = new TestInlet();
      const accept = inlet.accept.bind(inlet);
      const wrong: string[] = [];
      const broughtAt = new Map<string, number>(UNITS.map((unit) => [String(unit), clock.monoMs()]));
      let longestWait = 0;
      inlet.accept = (payload) => {
        const text = Buffer.from(payload.bytes).toString();
        wrong.push(...wrongWords(payload.topic, text, second()));
        longestWait = Math.max(longestWait, clock.monoMs() - (broughtAt.get(payload.topic) ?? 0));
        broughtAt.set(payload.topic, clock.monoMs());
        return accept(payload);
      };
      await source.start(inlet);
      await clock.advance(RUNS_FOR);
      await source.stop(0);
      expect(wrong).toEqual([]);
      for (const unit of UNITS)
        expect(inlet.payloads.filter(({ topic }) => topic === String(unit)).length).toBeGreaterThan(40);
      // A device that was silent for three polls is asked once a minute.
      expect(longestWait).toBeLessThan(3 * MINUTE);
      expect(injected.late).toBeGreaterThan(10);
      const reasons = inlet.drops.map(({ reason }) => reason);
      // What comes right behind a late answer is one with it.
      expect(reasons.length).toBeGreaterThanOrEqual(0.9 * (injected.late + injected.checksum));
      const spoilt = reasons.filter((reason) => reason.includes('checksum')).length;
      expect(spoilt).toBeLessThanOrEqual(injected.checksum);
      expect(spoilt).toBeGreaterThanOrEqual(injected.checksum - 3);
    }),
    { numRuns: 20 },
  );
});
