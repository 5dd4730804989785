import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCertificate, type Certificate } from '../../../support/certificate.ts';
import { aSample, sendSamples } from '../../../support/dynatrace-sink.ts';
import { OK, ScriptedRig, turn } from '../../../support/scripted-sink.ts';

const rig = new ScriptedRig();

afterEach(() => rig.dispose());

describe('TLS', () => {
  let good: Certificate;
  let future: Certificate;
  let expired: Certificate;

  beforeAll(async () => {
    [good, future, expired] = await Promise.all([
      createCertificate(),
      createCertificate({ notBefore: '20900101000000Z', notAfter: '20990101000000Z' }),
      createCertificate({ notBefore: '20100101000000Z', notAfter: '20110101000000Z' }),
    ]);
  });

  it('trusts a certificate of its own only when it is named', async () => {
    const server = await rig.serve(OK, good);
    const outcome = await sendSamples(rig.sinkTo(server.url), [aSample()]);
    expect(outcome).toMatchObject({ kind: 'retry', cause: 'unreachable', bytesSent: 0 });
    expect(outcome.kind === 'retry' && outcome.message).toMatch(
      /not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*option ca/,
    );
    expect(server.requests).toEqual([]);
    expect(await sendSamples(rig.sinkTo(server.url, { ca: good.cert }), [aSample()])).toMatchObject({
      kind: 'accepted',
    });
    expect(await sendSamples(rig.sinkTo(server.url, { insecureSkipVerify: true }), [aSample()])).toMatchObject({
      kind: 'accepted',
    });
  });

  it('checks the name in it', async () => {
    const server = await rig.serve(OK, good);
    const url = server.url.replace('127.0.0.1', 'localhost');
    expect(await sendSamples(rig.sinkTo(url, { ca: good.cert }), [aSample()])).toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as unknown,
    });
  });

  it('takes a date outside the certificate for a problem of the clock', async () => {
    for (const [certificate, code] of [
      [future, 'CERT_NOT_YET_VALID'],
      [expired, 'CERT_HAS_EXPIRED'],
    ] as const) {
      const server = await rig.serve(OK, certificate);
      expect(await sendSamples(rig.sinkTo(server.url, { ca: certificate.cert }), [aSample()])).toMatchObject({
        kind: 'retry',
        cause: 'clock',
        message: expect.stringContaining(code) as unknown,
      });
    }
  });

  it('knows a stale connection too', async () => {
    let count = 0;
    const server = await rig.serve(
      (response, seen) => (++count === 1 ? OK(response, seen) : seen.socket.destroy()),
      good,
    );
    const sink = rig.sinkTo(server.url, { ca: good.cert });
    expect(await sendSamples(sink, [aSample()])).toMatchObject({ kind: 'accepted' });
    await turn();
    expect(await sendSamples(sink, [aSample()])).toMatchObject({ kind: 'retry', staleConnection: true });
  });

  it('spoken to a server that does not is a retry', async () => {
    const server = await rig.serve(OK);
    expect(await sendSamples(rig.sinkTo(server.url.replace('http:', 'https:')), [aSample()])).toMatchObject({
      kind: 'retry',
      cause: 'unreachable',
      message: expect.stringContaining('TLS') as unknown,
    });
  });
});
