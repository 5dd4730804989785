import { describe, expect, it } from 'vitest';
import { authorize, parseChallenge } from '../../../../src/sources/http/digest.ts';

/** The 401 of a Plug S Gen3. */
const SHELLY = 'Digest qop="auth", realm="shellyplugsg3-8cbfeaa03350", nonce="1773258266", algorithm=SHA-256';
const CHALLENGE = { realm: 'shellyplugsg3-8cbfeaa03350', nonce: '1773258266', opaque: null };
const REQUEST = {
  username: 'admin',
  password: 'secret',
  method: 'GET',
  uri: '/rpc/Switch.GetStatus?id=0',
  count: 1,
  cnonce: '0a4f113b',
};

describe('digest authentication with SHA-256', () => {
  it('answers the challenge of a device with the vector that was computed for it', () => {
    expect(parseChallenge(SHELLY)).toEqual(CHALLENGE);
    expect(authorize(CHALLENGE, REQUEST)).toBe(
      'Digest username="admin", realm="shellyplugsg3-8cbfeaa03350", nonce="1773258266", uri="/rpc/Switch.GetStatus?id=0", ' +
        'algorithm=SHA-256, qop=auth, nc=00000001, cnonce="0a4f113b", ' +
        'response="2604b2fb300592faa351ef356ce0e25e7bb405407b42e982c4e2a37a7d121c18"',
    );
  });

  it('answers the example of RFC 7616, 3.9.1, which has an opaque', () => {
    const answer = authorize(
      {
        realm: 'http-auth@example.org',
        nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
        opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
      },
      {
        username: 'Mufasa',
        password: 'Circle of Life',
        method: 'GET',
        uri: '/dir/index.html',
        count: 1,
        cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      },
    );
    expect(answer).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
    expect(answer).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
  });

  it('counts in eight hexadecimal digits, and each count gives another answer', () => {
    const answers = [1, 10, 255].map((count) => authorize(CHALLENGE, { ...REQUEST, count }));
    expect(answers.map((answer) => /nc=(\w+)/.exec(answer)?.[1])).toEqual(['00000001', '0000000a', '000000ff']);
    expect(new Set(answers.map((answer) => /response="(\w+)"/.exec(answer)?.[1])).size).toBe(3);
  });

  it('keeps a quote in a name from ending it', () => {
    expect(authorize(CHALLENGE, { ...REQUEST, username: 'a"b\\c' })).toContain('username="a\\"b\\\\c", realm=');
  });

  const MD5 = 'Digest realm="r", nonce="old", qop="auth", algorithm=MD5';
  it.each([
    [`${MD5}, ${SHELLY}`],
    [`${SHELLY}, ${MD5}`],
    [`Basic realm="a, b", ${SHELLY}`],
    [`${SHELLY}, Basic realm="r"`],
    [SHELLY.replace('"auth"', '"auth-int,auth"')],
    [SHELLY.replace('Digest', 'DIGEST').replace('SHA-256', '"sha-256"')],
  ])('finds the challenge it can answer in %s', (header) => {
    expect(parseChallenge(header)).toEqual(CHALLENGE);
  });

  it.each([
    ['', 'nothing'],
    ['Basic realm="digest qop=auth"', 'another scheme'],
    [MD5, 'MD5'],
    ['Digest realm="r", nonce="n", qop="auth"', 'no algorithm, which means MD5'],
    ['Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256', 'no auth'],
    ['Digest realm="r", qop="auth", algorithm=SHA-256', 'no nonce'],
  ])('finds none in %j: %s', (header) => {
    expect(parseChallenge(header)).toBeNull();
  });
});
