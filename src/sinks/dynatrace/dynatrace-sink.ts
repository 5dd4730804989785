/**
 * Dynatrace as a destination: metric lines for what its metrics API still takes, business events for what is older. Renders at
 * dispatch, so that a new token, name or dimension applies to the backlog. Remembers no reading, decides nothing about retries;
 * what an answer means is in classify.ts.
 */
import { ItemTexts } from '../../model/item-texts.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { DurationMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Secret } from '../../platform/secret.ts';
import type { HealthSample, Route, Sink } from '../sink.ts';
import { bizeventsDialect } from './bizevents.ts';
import { Channel } from './channel.ts';
import { Http, type TimeLimits } from './http.ts';
import { BIZEVENTS_PATH, LateRoute } from './late-route.ts';
import { LineEncoder } from './line.ts';
import { METRICS_PATH, MetricsRoute, metricsDialect } from './metrics-route.ts';
import type { Dialect } from './verdict.ts';

export interface DynatraceOptions {
  readonly name: string;
  /** Base URL of the environment, such as `https://abc12345.live.dynatrace.com` or `https://host/e/<environment id>`. */
  readonly url: string;
  readonly token: Secret;
  /** Certificates to trust instead of the system's, as PEM: an ActiveGate's own. */
  readonly ca?: string;
  readonly resolution: 'minute' | 'raw';
  readonly flushMs: DurationMs;
  readonly late: 'bizevents' | 'none';
  readonly backfill: boolean;
  /** Accept any certificate. */
  readonly insecureSkipVerify: boolean;
  /** On every line and event; the dimension `device` cannot be replaced. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Identity of the queue's file. */
  readonly databaseId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly limits?: Partial<TimeLimits>;
}

/** What `gateway check --online` learns about one route. */
export interface RouteCheck {
  readonly route: string;
  /** The token's permission this route needs. */
  readonly scope: string;
  /** Whether the server took the request, or would have taken one with readings in it. */
  readonly usable: boolean;
  readonly outcome: Outcome;
}

export interface SinkCheck {
  readonly routes: readonly RouteCheck[];
  /** The server's time minus the wall clock's; null when no answer told it. */
  readonly offsetMs: DurationMs | null;
}

const PROBE: HealthSample = { key: 'gateway.check', value: 1, dimensions: {} };

export class DynatraceSink implements Sink {
  readonly type = 'dynatrace';
  readonly name: string;
  readonly resolution: 'minute' | 'raw';
  readonly flushMs: DurationMs;
  readonly backfill: boolean;
  readonly routes: readonly Route[];
  readonly #token: Secret;
  readonly #clock: Clock;
  readonly #http: Http;
  readonly #scopes: ReadonlyMap<string, string>;

  constructor(options: DynatraceOptions) {
    this.name = options.name;
    this.resolution = options.resolution;
    this.flushMs = options.flushMs;
    this.backfill = options.backfill;
    this.#token = options.token;
    this.#clock = options.clock;
    const url = baseUrl(options.url);
    this.#http = new Http({ ...options, url, userAgent: `energy-gateway/${options.version}` });
    const channel = (path: string, contentType: string, dialect: Dialect): Channel =>
      new Channel({ http: this.#http, token: options.token, url, path, contentType, dialect });
    const metrics = new MetricsRoute(
      channel(METRICS_PATH, 'text/plain; charset=utf-8', metricsDialect),
      new LineEncoder(options.dimensions),
    );
    const late = new LateRoute(channel(BIZEVENTS_PATH, 'application/json; charset=utf-8', bizeventsDialect), options);
    this.routes = options.late === 'bizevents' ? [metrics, late] : [metrics];
    this.#scopes = new Map([
      [metrics.name, metricsDialect.scope],
      [late.name, bizeventsDialect.scope],
    ]);
  }

  credentialsChanged(): boolean {
    return this.#token.changed();
  }

  /** One small request per route: a single health value, and no event at all. */
  async check(signal: AbortSignal): Promise<SinkCheck> {
    const routes: RouteCheck[] = [];
    let offsetMs: DurationMs | null = null;
    for (const route of this.routes) {
      const outcome = await route.send(new ItemTexts(route.separator), { signal, health: [PROBE] });
      if (outcome.serverDate !== undefined) offsetMs ??= outcome.serverDate - this.#clock.wallMs();
      // An empty list of events may be refused, but only by a server that has let the token pass.
      const usable =
        ['accepted', 'partial'].includes(outcome.kind) || (outcome.kind === 'refused' && route.takes === 'readings');
      routes.push({ route: route.name, scope: this.#scopes.get(route.name) ?? '', usable, outcome });
    }
    return { routes, offsetMs };
  }

  async close(): Promise<void> {
    await this.#http.close();
  }
}

/** Only what a request uses, so that nothing else of it can get into a hint. */
function baseUrl(text: string): URL {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url;
}
