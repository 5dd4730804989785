import type { EpochMs } from '../../model/time.ts';
import { admit, type Asked } from './admission.ts';
import type { EventStore } from './event-store.ts';
import { ingestEvents } from './events-ingest.ts';
import type { Fault, RouteName } from './fault.ts';
import type { Faults } from './faults.ts';
import { LineParser } from './grammar/line-parser.ts';
import { ingestMetrics } from './metrics-ingest.ts';
import { envelope, type Reply, validationReply } from './reply.ts';
import type { Rules } from './rules.ts';
import type { SeriesStore } from './series-store.ts';

export interface Ingested {
  readonly reply: Reply;
  readonly accepted: number;
  readonly invalid: number;
  readonly faults: readonly Fault['kind'][];
}

/** The API without HTTP and without the faults of a network: access, rules, checking, storing, counting. */
export class Ingest {
  readonly #rules: Rules;
  readonly #token: string | null;
  readonly #scopes: readonly string[];
  readonly #faults: Faults;
  readonly #series: SeriesStore | null;
  readonly #events: EventStore | null;
  readonly #parsers = new WeakMap<Rules, LineParser>();
  readonly #rejections = new Map<string, number>();
  eventsDropped = 0;

  constructor(options: {
    readonly rules: Rules;
    readonly token: string | null;
    readonly scopes: readonly string[];
    readonly faults: Faults;
    readonly series: SeriesStore | null;
    readonly events: EventStore | null;
  }) {
    this.#rules = options.rules;
    this.#token = options.token;
    this.#scopes = options.scopes;
    this.#faults = options.faults;
    this.#series = options.series;
    this.#events = options.events;
  }

  /** Points that were counted as OK and dropped, by metric key. */
  get rejections(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#rejections);
  }

  clear(): void {
    this.#rejections.clear();
    this.eventsDropped = 0;
  }

  take(asked: Asked, now: EpochMs): Ingested {
    const faults: Fault['kind'][] = [];
    const rules = this.#rulesFor(asked.route, faults);
    const scopes = this.#faults.take('scopes', asked.route);
    if (scopes !== null) faults.push('scopes');
    const admitted = admit(asked, { token: this.#token, scopes: scopes?.scopes ?? this.#scopes }, rules);
    if ('status' in admitted) return { reply: admitted, accepted: 0, invalid: 0, faults };
    const refusing = this.#faults.every('refuse-lines', admitted.route);
    const taken =
      admitted.route === 'metrics'
        ? this.#takeMetrics(admitted.text, rules, now, refusing)
        : this.#takeEvents(admitted.text, asked, now, refusing);
    for (const fault of taken.refusedBy) this.#faults.used(fault);
    if (taken.refusedBy.size > 0) faults.push('refuse-lines');
    return { reply: taken.reply, accepted: taken.accepted, invalid: taken.invalid, faults };
  }

  #takeMetrics(text: string, rules: Rules, now: EpochMs, refusing: Parameters<typeof ingestMetrics>[1]['refusing']) {
    const lines = text.split('\n');
    if (rules.maxLines !== null && lines.length > rules.maxLines) return nothingTaken(envelope(413));
    const parser = this.#parserFor(rules);
    const report = ingestMetrics(lines, { rules, parser, now, refusing, store: this.#series });
    for (const [key, count] of report.dropped) this.#rejections.set(key, (this.#rejections.get(key) ?? 0) + count);
    return {
      reply: validationReply(report, rules.errorsListed),
      accepted: report.linesOk,
      invalid: report.linesInvalid,
      refusedBy: report.refusedBy,
    };
  }

  #takeEvents(text: string, asked: Asked, now: EpochMs, refusing: Parameters<typeof ingestEvents>[1]['refusing']) {
    const contentType = asked.headers['content-type'] ?? '';
    const report = ingestEvents(text, { now, contentType, refusing, store: this.#events });
    this.eventsDropped += report.dropped;
    return report;
  }

  #rulesFor(route: RouteName | null, faults: Fault['kind'][]): Rules {
    const changed = this.#faults.every('rules', route);
    if (changed.length === 0) return this.#rules;
    faults.push('rules');
    for (const fault of changed) this.#faults.used(fault);
    return changed.reduce((rules: Rules, fault) => ({ ...rules, ...fault.rules }), this.#rules);
  }

  #parserFor(rules: Rules): LineParser {
    let parser = this.#parsers.get(rules);
    if (parser === undefined) {
      parser = new LineParser(rules);
      this.#parsers.set(rules, parser);
    }
    return parser;
  }
}

function nothingTaken(reply: Reply) {
  return { reply, accepted: 0, invalid: 0, refusedBy: new Set<never>() };
}
