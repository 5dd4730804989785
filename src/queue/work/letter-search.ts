import type BetterSqlite3 from 'better-sqlite3';
import { minuteOf } from '../../model/time.ts';
import type { DeadLetter, DeadLetterFilter } from '../inspector.ts';
import type { LetterSamples } from '../tables/dead-letters.ts';

interface Row extends Omit<DeadLetter, 'samples'> {
  readonly samples: string;
}

/** Finds the dead letters a person asks about: those that are dead, not those that are pending again. */
export class LetterSearch {
  readonly #select: BetterSqlite3.Statement<Parameters, Row>;

  constructor(db: BetterSqlite3.Database) {
    this.#select = db.prepare(
      `SELECT l.id, s.name AS sink, l.device, l.quantity, l.samples, l.reason, l.refused_at AS refusedAt
       FROM dead_letters AS l JOIN sinks AS s ON s.id = l.sink
       WHERE l.owed_route IS NULL AND (?1 IS NULL OR s.name = ?1) AND (?2 IS NULL OR l.device = ?2)
         AND (?3 IS NULL OR l.minute >= ?4) AND (?5 IS NULL OR l.minute <= ?6)
       ORDER BY l.id`,
    );
  }

  /** Oldest refusal first. A letter is found when one of its samples is within the range. */
  find({ sink, device, from, to, limit }: DeadLetterFilter): DeadLetter[] {
    const letters = this.#select
      .all({
        1: sink ?? null,
        2: device ?? null,
        3: from ?? null,
        4: minuteOf(from ?? 0),
        5: to ?? null,
        6: minuteOf(to ?? 0),
      })
      .map((row): DeadLetter => ({ ...row, samples: JSON.parse(row.samples) as LetterSamples }))
      .filter(({ samples }) => samples.some(([at]) => at >= (from ?? at) && (to === undefined || at < to)));
    return limit === undefined ? letters : letters.slice(0, limit);
  }
}

type Parameters = [Readonly<Record<1 | 2 | 3 | 4 | 5 | 6, string | number | null>>];
