import type Database from 'better-sqlite3';

type Arguments = readonly unknown[];

/** What a connection was asked: every text that was prepared, and what was run since the last `clear`. */
export class RecordedStatements {
  readonly connection: Database.Database;
  readonly prepared = new Set<string>();
  readonly run: string[] = [];
  /** Rows handed out by what was run. */
  rows = 0;

  constructor(connection: Database.Database) {
    this.connection = new Proxy(connection, {
      get: (target, name) => {
        if (name === 'prepare') return (sql: string) => this.#recorded(sql, target.prepare(sql));
        return Reflect.get(target, name, target) as unknown;
      },
    });
  }

  clear(): void {
    this.run.length = 0;
    this.rows = 0;
  }

  #recorded(sql: string, statement: Database.Statement): Database.Statement {
    this.prepared.add(sql);
    const proxy: Database.Statement = new Proxy(statement, {
      get: (target, name) => {
        if (name === 'raw') return () => (target.raw(), proxy);
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...given: Arguments): unknown => {
          this.run.push(sql);
          const answer: unknown = Reflect.apply(member, target, given);
          if (name === 'all') this.rows += (answer as unknown[]).length;
          return answer;
        };
      },
    });
    return proxy;
  }
}
