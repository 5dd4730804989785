import { describe, expect, it, onTestFinished } from 'vitest';
import { allOf } from '../support/all-of.ts';
import { createCertificate } from '../support/certificate.ts';
import { within } from '../support/fault-report.ts';
import { startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { type Outage, PAGE, survive, UNREACHABLE } from '../support/outage.ts';
import { reply, type Script, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const HTML = '<!doctype html><html><body><form action="/login">Welcome to the guest network</form></body></html>';
const IS_HTML = { 'content-type': 'text/html; charset=utf-8' };

describe.skipIf(lacks({ programs: ['mosquitto', 'openssl'] }))('a captive portal', () => {
  it(
    'is followed nowhere, believed nothing and told nothing, and everything is delivered after the login',
    within(150_000),
    () => allOf([page, redirect, foreignCertificate]),
  );
});

async function page(): Promise<void> {
  const portal = await serve(reply(200, HTML, IS_HTML));
  await survive(await startInstallation(), {
    ...behind(portal),
    fault: 'a portal answers 200 with a page',
    state: 'blocked',
    error: /HTTP 200/,
    pauseMs: PAGE,
    freshWithinMs: PAGE.most,
  });
}

async function redirect(): Promise<void> {
  const login = await serve(reply(200, HTML, IS_HTML));
  const portal = await serve(reply(302, '', { location: `${login.url}/login` }));
  await survive(await startInstallation(), {
    ...behind(portal),
    fault: 'a portal redirects to its login page',
    state: 'blocked',
    error: /redirected to/,
    pauseMs: PAGE,
    freshWithinMs: PAGE.most,
  });
  expect(login.connections, 'the redirect was followed').toBe(0);
}

async function foreignCertificate(): Promise<void> {
  const portal = await serve(reply(200, HTML, IS_HTML), await createCertificate());
  await survive(await startInstallation({ tls: await createCertificate() }), {
    ...behind(portal),
    fault: 'a portal opens TLS with its own certificate',
    state: 'retrying',
    error: /is not trusted/,
    pauseMs: UNREACHABLE,
    freshWithinMs: 4_000,
  });
  expect(portal.requests, 'the portal got to see a request').toEqual([]);
}

function behind(portal: ScriptedServer): Pick<Outage, 'begin' | 'end' | 'lastsMs' | 'restart' | 'attemptMs'> {
  return {
    begin: ({ toDynatrace }) => toDynatrace.inflict({ kind: 'hijack', port: Number(new URL(portal.url).port) }),
    end: ({ toDynatrace }) => toDynatrace.heal(),
    lastsMs: 12_000,
    restart: 'SIGKILL',
    attemptMs: 1_000,
  };
}

async function serve(script: Script, tls?: { key: string; cert: string }): Promise<ScriptedServer> {
  const server = await startScriptedServer(tls);
  server.answer(script);
  onTestFinished(() => server.stop());
  return server;
}
