import * as dns from 'node:dns';
import { afterEach, expect, it, vi } from 'vitest';
import { aSample, sendSamples } from '../../../support/dynatrace-sink.ts';
import { ScriptedRig } from '../../../support/scripted-sink.ts';

// Each real lookup that hangs takes a thread.
vi.mock('node:dns', async (original) => ({ ...(await original<typeof dns>()), lookup: vi.fn<() => void>() }));

const rig = new ScriptedRig();

afterEach(() => rig.dispose());

it('asks a name server that does not answer once, however many requests want to connect and give up', async () => {
  const sink = rig.sinkTo('http://dynatrace.example');
  for (let i = 0; i < 2; i++) {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => sendSamples(sink, [aSample()])));
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ kind: 'retry', message: expect.stringContaining('CONNECT_TIMEOUT') as unknown });
  }
  expect(dns.lookup).toHaveBeenCalledOnce();
});
