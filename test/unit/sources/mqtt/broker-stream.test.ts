import * as dns from 'node:dns';
import { beforeEach, expect, it, vi } from 'vitest';
import { openBrokerStream } from '../../../../src/sources/mqtt/broker-stream.ts';

// Each real lookup that hangs takes a thread.
vi.mock('node:dns', async (original) => ({ ...(await original<typeof dns>()), lookup: vi.fn<() => void>() }));

beforeEach(() => vi.mocked(dns.lookup).mockClear());

it.each([
  ['plain', false],
  ['secure', true],
])('asks a name server that does not answer once, however many %s connections are given up', async (host, secure) => {
  for (let i = 0; i < 3; i++) {
    const opening = openBrokerStream({ host, port: 1, secure }, {}, AbortSignal.timeout(20));
    expect(await opening).toHaveProperty('end.cause', 'unreachable');
  }
  expect(dns.lookup).toHaveBeenCalledOnce();
});
