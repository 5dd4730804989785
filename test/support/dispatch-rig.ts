import { MINUTE } from '../../src/model/time.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { Log } from '../../src/platform/log.ts';
import { ConfirmableClock } from './confirmable-clock.ts';
import { FakeQueue } from './fake-queue.ts';
import { FakeSink } from './fake-sink.ts';
import { SteppedClock } from './stepped-clock.ts';

/** Ten past ten, half a minute in. */
export const START = Date.parse('2026-11-20T10:10:30Z');

/** A dispatcher between a fake queue and a fake sink, on a clock the test moves. */
export class DispatchRig {
  readonly machine = new SteppedClock(START);
  readonly clock = new ConfirmableClock(this.machine);
  readonly sink: FakeSink;
  readonly queue: FakeQueue;
  readonly dispatcher: Dispatcher;
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  constructor(
    options: {
      sink?: FakeSink;
      queue?: FakeQueue;
      confirmed?: boolean;
      mayDispatch?: (signal: AbortSignal) => Promise<void>;
    } = {},
  ) {
    this.sink = options.sink ?? new FakeSink();
    this.queue = options.queue ?? new FakeQueue(this.sink.routes);
    if (options.confirmed !== false) this.clock.confirm('test');
    const log: Log = {
      error: (fields, message) => {
        this.errors.push(`${message} ${'err' in fields ? String(fields.err) : ''}`);
      },
      warn: (_, message) => {
        this.warnings.push(message);
      },
      info: () => undefined,
      debug: () => undefined,
      child: () => log,
    };
    this.dispatcher = new Dispatcher({
      queue: this.queue,
      sinks: [this.sink],
      clock: this.clock,
      machineClock: this.machine,
      random: () => 0.5,
      log,
      health: () => Promise.resolve([{ key: 'gateway.queue.pending', value: 1, dimensions: {} }]),
      ...(options.mayDispatch === undefined ? {} : { mayDispatch: options.mayDispatch }),
    });
  }

  /** What went wrong on our side, as opposed to what a sink answered. */
  get mistakes(): string[] {
    return this.errors.filter((text) => !text.startsWith('blocked'));
  }

  /** One reading of one value, so many minutes before now, at the minute's beginning. */
  store(minutesAgo: number, device = 'meter', quantity = 'power.active.import', value = 1): void {
    const at = Math.floor(this.machine.wallMs() / MINUTE) * MINUTE - minutesAgo * MINUTE;
    this.dispatcher.wake(this.queue.store(device, at, { [quantity]: value }));
  }

  async stop(): Promise<void> {
    const stopping = this.dispatcher.stop(2_000);
    await this.machine.advance(2_000);
    await stopping;
  }
}
