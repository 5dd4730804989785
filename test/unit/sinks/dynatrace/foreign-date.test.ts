import { afterEach, expect, it } from 'vitest';
import { createCertificate } from '../../../support/certificate.ts';
import { aSample, sendSamples } from '../../../support/dynatrace-sink.ts';
import { reply } from '../../../support/scripted-server.ts';
import { ScriptedRig } from '../../../support/scripted-sink.ts';

const rig = new ScriptedRig();
const DATE = { date: 'Sun, 06 Nov 2044 08:49:37 GMT' };
const AT = Date.UTC(2044, 10, 6, 8, 49, 37) + 500;
const HTML = { ...DATE, 'content-type': 'text/html' };
const PORTAL = [
  reply(200, '<html>Log in</html>', HTML),
  reply(302, '', { ...DATE, location: 'http://portal.example' }),
  reply(503, '<html>Bad gateway</html>', HTML),
  reply(200, '{"welcome":true}', DATE),
];
const NOT_THE_API = [
  reply(401, 'Unauthorized', DATE),
  reply(404, '', DATE),
  reply(407, '{"error":{"message":"proxy"}}', DATE),
  reply(429, '{"error":"slow down"}', DATE),
  reply(502, '[]', DATE),
  reply(503, 'upstream connect error', DATE),
  reply(400, '{"linesOk":"no"}', DATE),
];
const API = [
  reply(202, '{"linesOk":1,"linesInvalid":0,"error":null,"warnings":null}', DATE),
  reply(401, '{"error":{"code":401,"message":"no"}}', DATE),
  reply(400, '{"linesOk":0,"linesInvalid":1,"error":{"code":400,"message":"no","invalidLines":[]}}', DATE),
  reply(503, '{"error":{"code":503,"message":"later"}}', DATE),
];

afterEach(() => rig.dispose());

it("over plain http the date is the sink's where the answer is in the API's form, whatever its status", async () => {
  const server = await rig.serve(reply(404, ''));
  for (const script of [...PORTAL, ...NOT_THE_API]) {
    server.answer(script);
    expect(await sendSamples(rig.sinkTo(server.url), [aSample()])).not.toHaveProperty('serverDate');
  }
  for (const script of API) {
    server.answer(script);
    expect(await sendSamples(rig.sinkTo(server.url), [aSample()])).toMatchObject({ serverDate: AT });
  }
});

it("with a verified certificate every answer is the sink's; with an unverified one as over plain http", async () => {
  const certificate = await createCertificate();
  const server = await rig.serve(reply(404, ''), certificate);
  for (const script of PORTAL) {
    server.answer(script);
    const verified = rig.sinkTo(server.url, { ca: certificate.cert });
    expect(await sendSamples(verified, [aSample()])).toMatchObject({ serverDate: AT });
    const unverified = rig.sinkTo(server.url, { insecureSkipVerify: true });
    expect(await sendSamples(unverified, [aSample()])).not.toHaveProperty('serverDate');
  }
});
