import type Database from 'better-sqlite3';
import { Boots } from './boots.ts';
import { Counters } from './counters.ts';
import { DeadLetters } from './dead-letters.ts';
import { Displaced } from './displaced.ts';
import { Meta } from './meta.ts';
import { Origins } from './origins.ts';
import { Owed } from './owed.ts';
import { Readings } from './readings.ts';
import { Replays } from './replays.ts';
import { Shapes } from './shapes.ts';
import { Sinks } from './sinks.ts';
import { Sources } from './sources.ts';
import { StateDocuments } from './state-documents.ts';

/** The statements of one connection, a family per table. */
export interface Tables {
  readonly boots: Boots;
  readonly counters: Counters;
  readonly deadLetters: DeadLetters;
  readonly displaced: Displaced;
  readonly meta: Meta;
  readonly origins: Origins;
  readonly owed: Owed;
  readonly readings: Readings;
  readonly replays: Replays;
  readonly shapes: Shapes;
  readonly sinks: Sinks;
  readonly sources: Sources;
  readonly state: StateDocuments;
}

export function tablesOf(db: Database.Database): Tables {
  return {
    boots: new Boots(db),
    counters: new Counters(db),
    deadLetters: new DeadLetters(db),
    displaced: new Displaced(db),
    meta: new Meta(db),
    origins: new Origins(db),
    owed: new Owed(db),
    readings: new Readings(db),
    replays: new Replays(db),
    shapes: new Shapes(db),
    sinks: new Sinks(db),
    sources: new Sources(db),
    state: new StateDocuments(db),
  };
}
