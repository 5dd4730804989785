import type { ReadingColumns } from '../model/reading-columns.ts';
import type { Folded } from './fold.ts';

/** Raw resolution: every value is a sample of its own. */
export function oneByOne(columns: ReadingColumns): Folded {
  const { at, origin, origins, shape, shapes, first, values } = columns;
  const readingOf = new Uint32Array(values.length);
  const sampleOf = new Uint32Array(values.length);
  for (let reading = 0, i = 0; reading < columns.length; reading++) {
    for (const end = first[reading + 1] ?? 0; i < end; i++) {
      readingOf[i] = reading;
      sampleOf[i] = i;
    }
  }
  return {
    length: values.length,
    sample: (index) => {
      const reading = readingOf[index] ?? 0;
      const value = values[index] ?? 0;
      return {
        device: origins[origin[reading] ?? 0]?.device ?? '',
        quantity: shapes[shape[reading] ?? 0]?.[index - (first[reading] ?? 0)] ?? '',
        at: at[reading] ?? 0,
        min: value,
        max: value,
        sum: value,
        count: 1,
      };
    },
    sampleOf,
    first: readingOf,
    last: readingOf,
  };
}
