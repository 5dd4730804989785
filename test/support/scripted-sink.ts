import { setImmediate } from 'node:timers/promises';
import type { DynatraceOptions, DynatraceSink } from '../../src/sinks/dynatrace/dynatrace-sink.ts';
import type { Certificate } from './certificate.ts';
import { dynatraceSink } from './dynatrace-sink.ts';
import { reply, startScriptedServer, type Script, type ScriptedServer } from './scripted-server.ts';

/** Time limits that a test can wait for. */
export const LIMITS = { connectMs: 400, headersMs: 400, bodyMs: 400, totalMs: 3_000 };
export const OK = reply(202, '{"linesOk":1,"linesInvalid":0,"error":null,"warnings":null}');
/** An answered connection is free again one turn of the event loop later; a request before that opens the second one. */
export const turn = setImmediate;

/** Servers and sinks of one test, all ended by `dispose`, the newest first. */
export class ScriptedRig {
  readonly #undo: (() => Promise<unknown>)[] = [];

  async serve(script: Script, tls?: Certificate): Promise<ScriptedServer> {
    const server = await startScriptedServer(tls);
    server.answer(script);
    this.onDispose(() => server.stop());
    return server;
  }

  sinkTo(url: string, changes: Partial<DynatraceOptions> = {}): DynatraceSink {
    const sink = dynatraceSink(url, { limits: LIMITS, ...changes });
    this.onDispose(() => sink.close());
    return sink;
  }

  onDispose(step: () => Promise<unknown>): void {
    this.#undo.push(step);
  }

  async dispose(): Promise<void> {
    for (const step of this.#undo.splice(0).toReversed()) await step();
  }
}
