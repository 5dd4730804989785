/**
 * Whatever a server, or what stands in its place, answers: unless it is a verdict in the form of the API, nothing is taken for
 * delivered, nothing is thrown away, and what it refused to understand is delivered once when it is itself again.
 */
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DispatchStage } from '../support/dispatch-stage.ts';
import { dynatraceSink } from '../support/dynatrace-sink.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { reply, startScriptedServer, type Script } from '../support/scripted-server.ts';

const KEY = 'smartmeter.power.active.import';
const SOON = { timeout: 20_000, interval: 25 };
const LIMITS = { connectMs: 1_000, headersMs: 1_000, bodyMs: 1_000, totalMs: 2_000 };
const READINGS = 40;

const json = (status: number, body: object | null | string): Script => reply(status, JSON.stringify(body));
const html = (status: number): Script =>
  reply(status, '<!DOCTYPE html><html><body>{"linesOk":40,"linesInvalid":0}</body></html>', {
    'content-type': 'text/html',
  });
const bytes = (status: number, length: number): Script => {
  const [body = new Uint8Array()] = fc.sample(fc.uint8Array({ minLength: length, maxLength: length }), {
    numRuns: 1,
    seed: 7,
  });
  return reply(status, Buffer.from(body).toString('latin1'));
};
const invalidLines = [-1, 0, 1e9, 1.5, '1', null, {}, [1]].map((line) => ({ line, error: 'bad' }));

const NONSENSE: Readonly<Record<string, Script>> = {
  '202 with a page': html(202),
  '202 with a page that says it is JSON': reply(202, '<html>welcome</html>'),
  '202 with nothing': reply(202, ''),
  '202 with random bytes': bytes(202, 300),
  '202 cut off': reply(202, '{"linesOk":40,"linesInv'),
  '202 with more than three megabytes': reply(202, `{"linesOk":40,"linesInvalid":0,"x":"${'x'.repeat(3_000_000)}"}`),
  '202 with a list': json(202, [{ linesOk: 40, linesInvalid: 0 }]),
  '202 with null': json(202, null),
  '202 with words for numbers': json(202, { linesOk: '40', linesInvalid: '0' }),
  '202 with a negative count': json(202, { linesOk: -40, linesInvalid: 0 }),
  '202 with part of a line': json(202, { linesOk: 39.5, linesInvalid: 0 }),
  '202 that counts nothing': json(202, { linesOk: 0, linesInvalid: 0 }),
  '200 in the form of a 202': json(200, { linesOk: 40, linesInvalid: 0 }),
  '204': reply(204, ''),
  '400 with a page': html(400),
  '400 with random bytes': bytes(400, 300),
  '400 with a list': json(400, [1, 2, 3]),
  '400 that counts everything as stored': json(400, {
    linesOk: 40,
    linesInvalid: 0,
    error: { code: 400, message: 'no' },
  }),
  '400 with negative counts and lines that were not sent': json(400, {
    linesOk: -1,
    linesInvalid: -1,
    error: { code: 400, message: 'no', invalidLines },
  }),
  '400 that stored nothing and names lines that were not sent': json(400, {
    linesOk: 0,
    linesInvalid: 1e15,
    error: { code: 400, message: 'no', invalidLines },
  }),
  '400 whose lines are no list': json(400, { linesOk: 0, linesInvalid: 9, error: { invalidLines: { line: 1 } } }),
  '500 in the form of a 202': json(500, { linesOk: 40, linesInvalid: 0 }),
  '418': json(418, { error: { message: 'I am a teapot' } }),
  'a deep bracket bomb': reply(202, '['.repeat(200_000)),
};

describe('an answer that is no verdict', () => {
  it.for(Object.keys(NONSENSE))(
    '%s: everything stays owed, and is delivered once afterwards',
    within(60_000),
    async (name) => {
      for (let round = 0; round < rounds(1); round++) {
        const { stage, server, answer } = await scene();
        answer(NONSENSE[name] ?? reply(500, ''));
        await stage.storeDevices(READINGS / 2, 2);
        await stage.storeDevices(READINGS / 2, 8);
        await expect
          .poll(() => server.requests.filter(({ body }) => body.includes(KEY)).length, SOON)
          .toBeGreaterThan(1);
        await expect.poll(() => stage.dispatcher.problems().length, SOON).toBeGreaterThan(0);
        expect(await stage.ledger()).toMatchObject({ delivered: 0, late: 0, deadLettered: 0, pending: READINGS });
        await stage.expectBalanced();

        answer(honest);
        await expect
          .poll(() => stage.ledger(), SOON)
          .toMatchObject({ delivered: READINGS, deadLettered: 0, pending: 0 });
        expect(stage.dispatcher.problems()).toEqual([]);
        expect(stage.errors).toEqual([]);
        await stage.expectBalanced();
        const { accepted, delivered, pending } = await stage.ledger();
        reportFault({
          fault: `answer: ${name}`,
          rounds: 1,
          acknowledged: READINGS,
          lost: READINGS - delivered,
          duplicates: 0,
          unaccounted: accepted - delivered - pending,
        });
      }
    },
  );
});

/** The dispatcher runs, and has had a good answer to its first request. */
async function scene() {
  const server = await startScriptedServer();
  onTestFinished(() => server.stop());
  const answer = (script: Script): void =>
    server.answer((response, seen) => {
      // The machine's time is not that of the stage.
      response.sendDate = false;
      script(response, seen);
    });
  answer(honest);
  // Not as hurried as elsewhere: on a busy machine nothing may become too old for a metric meanwhile.
  const machine = DispatchStage.hurriedClock(60);
  const stage = await DispatchStage.open(machine, [dynatraceSink(server.url, { clock: machine, limits: LIMITS })]);
  stage.clock.observeServerDate('dynatrace', machine.wallMs(), machine.monoMs());
  stage.dispatcher.start();
  await expect.poll(() => stage.clock.state, SOON).toBe('confirmed');
  await expect.poll(() => stage.route('metrics'), SOON).toMatchObject({ state: 'ok' });
  return { stage, server, answer };
}

function honest(...[response, seen]: Parameters<Script>): void {
  json(202, { linesOk: seen.body.split('\n').length, linesInvalid: 0, error: null })(response, seen);
}
