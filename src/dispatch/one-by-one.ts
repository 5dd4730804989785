import type { ReadingColumns } from '../model/reading-columns.ts';
import type { Sample } from '../model/sample.ts';
import type { Folded } from './fold.ts';

/** Raw resolution: every value is a sample of its own. */
export function oneByOne(columns: ReadingColumns): Folded {
  const { length, at, origin, origins, shape, shapes, first: firstValue, values } = columns;
  const samples: Sample[] = [];
  const sampleOf = new Uint32Array(values.length);
  const readingOf = new Uint32Array(values.length);
  for (let reading = 0; reading < length; reading++) {
    const device = origins[origin[reading] ?? 0]?.device ?? '';
    const names = shapes[shape[reading] ?? 0] ?? [];
    for (const [k, quantity] of names.entries()) {
      const i = (firstValue[reading] ?? 0) + k;
      const value = values[i] ?? 0;
      sampleOf[i] = samples.length;
      readingOf[samples.length] = reading;
      samples.push({ device, quantity, at: at[reading] ?? 0, min: value, max: value, sum: value, count: 1 });
    }
  }
  return { samples, sampleOf, first: readingOf, last: readingOf };
}
