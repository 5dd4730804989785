import type BetterSqlite3 from 'better-sqlite3';
import type { Shape } from '../../model/reading-columns.ts';
import type { Origin } from '../../model/reading.ts';
import { readableRows } from './readable-rows.ts';

/** What the numbers in the readings of a damaged file stand for, as far as they can be read. */
export interface Names {
  readonly origins: ReadonlyMap<number, Origin>;
  readonly shapes: ReadonlyMap<number, Shape>;
  readonly boots: ReadonlyMap<number, { readonly uuid: string; readonly confirmed: boolean }>;
}

/** Leaves out what SQLite can read but this program never wrote. */
export function readNames(old: BetterSqlite3.Database): Names {
  const origins = readableRows<{ id: number; source: unknown; device: unknown; serial: unknown }>(
    old,
    'SELECT * FROM origins',
  );
  const shapes = readableRows<{ id: number; quantities: unknown }>(old, 'SELECT * FROM shapes');
  const boots = readableRows<{ id: number; uuid: string; confirmed: number }>(old, 'SELECT * FROM boots');
  return {
    origins: new Map(
      origins.flatMap(({ id, source, device, serial }) =>
        isText(source) && isText(device) && (serial === null || isText(serial))
          ? [[id, { source, device, serial }]]
          : [],
      ),
    ),
    shapes: new Map(
      shapes.flatMap(({ id, quantities }) => {
        const shape = shapeOf(quantities);
        return shape === null ? [] : [[id, shape]];
      }),
    ),
    boots: new Map(boots.map(({ id, uuid, confirmed }) => [id, { uuid, confirmed: confirmed === 1 }])),
  };
}

function shapeOf(quantities: unknown): Shape | null {
  try {
    const shape: unknown = JSON.parse(String(quantities));
    return Array.isArray(shape) && shape.every(isText) ? shape : null;
  } catch {
    return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
