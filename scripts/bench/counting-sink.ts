import { join } from 'node:path';
import { Child } from './child.ts';
import type { Stage } from './stage.ts';

/** A request as the sink tells it. */
export interface SinkRequest {
  readonly atMs: number;
  readonly route: 'metrics' | 'late';
  /** Lines or events. */
  readonly items: number;
  /** Of the body, as it was sent. */
  readonly wireBytes: number;
  /** The newest time in it; 0 where there is none. */
  readonly newestMs: number;
}

/** The local sink of a measurement: takes everything and counts it. */
export class CountingSink {
  readonly url: string;
  /** Since the start. */
  readonly requests: readonly SinkRequest[];
  readonly #child: Child;

  private constructor(child: Child, url: string, requests: readonly SinkRequest[]) {
    this.#child = child;
    this.url = url;
    this.requests = requests;
  }

  static async start(stage: Stage): Promise<CountingSink> {
    const requests: SinkRequest[] = [];
    const child = Child.start(stage, {
      name: 'sink',
      command: process.execPath,
      args: [join(import.meta.dirname, 'counting-sink-process.ts')],
      onLine: (line) => {
        if (line.startsWith('{"atMs"')) requests.push(JSON.parse(line) as SinkRequest);
      },
    });
    const { listening } = JSON.parse(await child.line(/"listening"/)) as { listening: string };
    return new CountingSink(child, listening, requests);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Lines or events so far. */
  items(route: SinkRequest['route']): number {
    return this.requests.reduce((sum, request) => sum + (request.route === route ? request.items : 0), 0);
  }
}
