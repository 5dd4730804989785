import { describe, expect, it } from 'vitest';
import { allOf } from '../support/all-of.ts';
import { within } from '../support/fault-report.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { NameServer, type NameServerMode } from '../support/name-server.ts';
import { lacks } from '../support/needs.ts';
import { type Outage, survive, UNREACHABLE } from '../support/outage.ts';

const CONNECT_MS = 3_000;
/** The C library asks a name server again after so long. */
const ASKED_AGAIN_MS = 5_000;

describe.skipIf(lacks({ programs: ['mosquitto', 'unshare', 'mount'], root: true }))('DNS', () => {
  it(
    'that refuses or hangs delays only what needs it: readings come in, the gateway stops and starts, and all is delivered',
    within(150_000),
    () => allOf([refuses, hangs]),
  );
});

async function refuses(): Promise<void> {
  const names = await NameServer.start();
  await survive(await startInstallation({ name: 'dynatrace.home.test', launcher: names.world }), {
    ...without(names, 'refuse'),
    fault: 'DNS refuses',
    error: /cannot be looked up now|name is not known/,
    restart: 'SIGTERM',
    freshWithinMs: 4_000,
  });
}

async function hangs(): Promise<void> {
  const names = await NameServer.start();
  await survive(await startInstallation({ name: 'dynatrace.home.test', launcher: names.world }), {
    ...without(names, 'hang'),
    fault: 'DNS hangs',
    error: /no connection within the time limit|cannot be looked up now/,
    restart: 'SIGTERM',
    freshWithinMs: ASKED_AGAIN_MS + UNREACHABLE.most,
  });
  // Two kinds of address, each asked for twice within ten seconds by one lookup at a time; generous for the restarts.
  expect(names.questions, 'questions to the name server').toBeLessThan(60);
}

function without(
  names: NameServer,
  mode: NameServerMode,
): Pick<Outage, 'begin' | 'end' | 'lastsMs' | 'state' | 'attemptMs' | 'pauseMs'> {
  return {
    begin: async ({ toDynatrace }: Installation) => {
      names.mode = mode;
      // What is connected needs no name.
      await toDynatrace.inflict({ kind: 'refuse' });
      await toDynatrace.heal();
    },
    end: async () => {
      names.mode = 'answer';
    },
    lastsMs: 15_000,
    state: 'retrying',
    attemptMs: CONNECT_MS,
    pauseMs: UNREACHABLE,
  };
}
