import type { StandIn } from './stand-in.ts';
import type { Faults } from './faults.ts';
import { parseFault } from './parse-fault.ts';
import { json, type Reply } from './reply.ts';
import { forDisplay } from './request-record.ts';

/** What the state shows of long lists. */
const SHOWN = 50;

/**
 * The paths under `/_standin/`, for whoever runs the stand-in as a process:
 * GET state · GET counts · DELETE state (forget what was stored) · POST fault · GET fault · DELETE fault[?kind=…].
 */
export class Admin {
  readonly #standIn: Pick<StandIn, 'counts' | 'rejections' | 'series' | 'metadata' | 'events' | 'requests' | 'clear'>;
  readonly #faults: Faults;

  constructor(standIn: StandIn, faults: Faults) {
    this.#standIn = standIn;
    this.#faults = faults;
  }

  answer(method: string, url: string, body: string): Reply {
    const { pathname, searchParams } = new URL(url, 'http://stand-in');
    switch (`${method} ${pathname}`) {
      case 'GET /_standin/state':
        return json(200, this.#state());
      case 'GET /_standin/counts':
        return json(200, { ...this.#standIn.counts, rejections: this.#standIn.rejections });
      case 'DELETE /_standin/state':
        this.#standIn.clear();
        return json(200, this.#state());
      case 'POST /_standin/fault':
        return this.#add(body);
      case 'DELETE /_standin/fault':
        this.#faults.clear(searchParams.get('kind') ?? undefined);
        return this.#list();
      case 'GET /_standin/fault':
        return this.#list();
      default:
        return json(404, { error: 'no such path; see /_standin/state, /_standin/counts, /_standin/fault' });
    }
  }

  #add(body: string): Reply {
    const fault = parseFault(parse(body));
    if (typeof fault === 'string') return json(400, { error: fault });
    this.#faults.add(fault);
    return this.#list();
  }

  #list(): Reply {
    return json(200, { faults: this.#faults.list() });
  }

  #state(): object {
    const { counts, rejections, requests } = this.#standIn;
    return {
      counts,
      rejections,
      faults: this.#faults.list(),
      series: this.#standIn.series(),
      metadata: this.#standIn.metadata(),
      events: this.#standIn.events().slice(-SHOWN),
      requests: requests.slice(-SHOWN).map(forDisplay),
    };
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
