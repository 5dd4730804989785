import { ColumnsBuilder, type ReadingColumns } from '../../src/model/reading-columns.ts';
import type { DeadLetter, HistoryRange } from '../../src/queue/inspector.ts';
import { NOW } from './queue-report.ts';

/** A queue with one reading of each device, a page each, and one dead letter of each of the others. */
export function storedDevices(devices: readonly string[], lettersOf: readonly string[] = []) {
  return {
    *history({ device }: HistoryRange): Generator<ReadingColumns, void> {
      for (const name of devices.filter((one) => device === undefined || one === device)) {
        const page = new ColumnsBuilder();
        page.add({ device: name, serial: null, source: 'meter' }, NOW, ['power.active.import'], [1], 1);
        yield page.take();
      }
    },
    deadLetters: () => lettersOf.map((device) => ({ device }) as DeadLetter),
  };
}
