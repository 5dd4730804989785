/**
 * Three devices on one serial line in real time, with late answers, wrong checksums and answers in pieces. Each word says of
 * which device, register and time it is. The same over ten minutes, in stepped time, is in
 * test/unit/sources/modbus/ten-minutes-on-a-bad-line.test.ts; GATEWAY_FAULT_TIMES=19 makes it ten real minutes.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { makeLine } from '../../src/sources/modbus/line.ts';
import { ModbusSource } from '../../src/sources/modbus/modbus-source.ts';
import { rounds, within } from '../support/fault-report.ts';
import { FaultySlave } from '../support/faulty-slave.ts';
import { lacks } from '../support/needs.ts';
import { PtyPair } from '../support/pty-pair.ts';
import { silentLog } from '../support/silent-log.ts';
import { TestInlet } from '../support/test-inlet.ts';

const UNITS = [1, 2, 3];
const STARTS = [0x10, 0x20, 0x30];
const COUNT = 6;
const TIMEOUT_MS = 400;
const RUNS_FOR_MS = rounds(32_000);

/** In steps of 100 ms. */
const now = (): number => Math.floor(performance.now() / 100) & 0xff;

describe.skipIf(lacks({ programs: ['socat'] }))('three devices on a line that goes wrong', () => {
  it(
    'bring no word of another device, register or time, and everything unusable is counted',
    within(90_000),
    async () => {
      const pty = await PtyPair.create();
      const injected = { late: 0, checksum: 0 };
      let nth = 0;
      await FaultySlave.start(pty.slave, {
        word: (unit, address) => ((unit << 14) | ((address & 0x3f) << 8) | now()) & 0xffff,
        behave: () => {
          // Every fault again and again, none in step with the polls.
          nth++;
          if (nth % 19 === 0) return (injected.late++, { afterMs: TIMEOUT_MS + 150 + (nth % 5) * 400 });
          if (nth % 37 === 0) return (injected.checksum++, { spoil: 'checksum' });
          return { afterMs: 5 + (nth % 7), inPieces: nth % 4 === 0 };
        },
      });
      const line = { kind: 'serial', path: pty.master } as const;
      const serial = { baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1 } as const;
      const source = new ModbusSource({
        name: 'line',
        ...makeLine({ line, serial, logger: null }),
        intervalMs: 1_000,
        gapMs: 20,
        timeoutMs: TIMEOUT_MS,
        devices: UNITS.map((unit) => ({
          name: String(unit),
          unit,
          maxWords: 60,
          blocks: STARTS.map((start) => ({
            fc: 3,
            start,
            count: COUNT,
            every: 'live',
            optional: false,
            cuts: [start],
          })),
          models: [],
          sleeps: false,
        })),
        clock: systemClock,
        log: silentLog,
      });
      onTestFinished(() => source.stop(1_000));
      const wrong: string[] = [];
      const inlet = new TestInlet();
      const accept = inlet.accept.bind(inlet);
      inlet.accept = (payload) => {
        wrong.push(...wrongWords(payload.topic, Buffer.from(payload.bytes).toString()));
        return accept(payload);
      };
      await source.start(inlet);
      await new Promise((resolve) => setTimeout(resolve, RUNS_FOR_MS));
      await source.stop(1_000);
      expect(wrong).toEqual([]);
      expect(inlet.payloads.length).toBeGreaterThan(20);
      for (const unit of UNITS)
        expect(inlet.payloads.filter(({ topic }) => topic === String(unit)).length).toBeGreaterThan(5);
      expect(injected.late).toBeGreaterThan(2);
      expect(injected.checksum).toBeGreaterThan(0);
      const reasons = inlet.drops.map(({ reason }) => reason);
      expect(reasons.filter((reason) => reason.includes('checksum')).length).toBe(injected.checksum);
      expect(reasons.filter((reason) => !reason.includes('checksum')).length).toBeGreaterThanOrEqual(injected.late - 1);
    },
  );
});

/** Words that are not of the device, the register and the last seconds that their place says. */
function wrongWords(device: string, text: string): string[] {
  const { blocks } = JSON.parse(text) as { blocks: Readonly<Record<string, string>> };
  return Object.entries(blocks).flatMap(([key, hex]) => {
    const start = Number(key.split(':')[1]);
    return Array.from({ length: hex.length / 4 }, (_, i) => Number.parseInt(hex.slice(4 * i, 4 * i + 4), 16)).flatMap(
      (word, i) => {
        // A device's poll has three requests, each of which may wait for the line to be quiet.
        const ageInSteps = (now() - (word & 0xff)) & 0xff;
        const isRight = word >> 14 === Number(device) && ((word >> 8) & 0x3f) === start + i && ageInSteps < 200;
        return isRight ? [] : [`${device} ${start + i}: ${word.toString(16)}, ${ageInSteps * 100} ms old`];
      },
    );
  });
}
