/** A bus on a simulated line in stepped time. */
import { Bus } from '../../src/sources/modbus/bus.ts';
import { rtu } from '../../src/sources/modbus/framing/rtu.ts';
import { silentLog } from './silent-log.ts';
import { SimulatedLine, type SimulatedDevice } from './simulated-line.ts';
import { SteppedClock } from './stepped-clock.ts';

export function modbusScene(devices: Readonly<Record<number, SimulatedDevice>>) {
  const clock = new SteppedClock(Date.UTC(2026, 10, 20, 14));
  const line = new SimulatedLine(
    clock,
    new Map(Object.entries(devices).map(([unit, device]) => [Number(unit), device])),
  );
  const bus = new Bus({ link: line, framing: rtu, gapMs: 100, timeoutMs: 500, clock, log: silentLog });
  /** Lets time pass until it is there. */
  const soon = async <T>(promise: Promise<T>): Promise<T> => {
    const results: T[] = [];
    void promise.then((result) => results.push(result));
    for (let waited = 0; waited < 600_000; waited += 50) {
      await clock.advance(50);
      const [result] = results;
      if (results.length > 0) return result as T;
    }
    throw new Error('nothing came of it within ten minutes');
  };
  return { clock, line, bus, soon };
}
