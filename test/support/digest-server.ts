/** The server's side of digest authentication, as strict as a Shelly: a count that was used already is refused. */
import { createHash } from 'node:crypto';
import type { Script } from './scripted-server.ts';

export interface DigestServer {
  readonly script: (body: string) => Script;
  /** From now on the old nonce is refused, and this one is given out. */
  renew(nonce: string): void;
  /** The counts that were accepted, with their nonce. */
  readonly accepted: readonly string[];
}

const REALM = 'shellypro3em-a0dd6c9f12f4';

export function digestServer(user: string, password: string): DigestServer {
  let nonce = '1';
  const accepted: string[] = [];
  return {
    accepted,
    renew: (next) => void (nonce = next),
    script: (body) => (response, seen) => {
      const fields = new Map(
        [...(seen.headers.authorization ?? '').matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(
          ([, name = '', quoted, bare]) => [name, quoted ?? bare ?? ''],
        ),
      );
      const of = (name: string): string => fields.get(name) ?? '';
      const ha1 = sha256(`${user}:${REALM}:${password}`);
      const ha2 = sha256(`GET:${seen.path}`);
      const right = sha256(`${ha1}:${nonce}:${of('nc')}:${of('cnonce')}:auth:${ha2}`);
      const use = `${nonce} ${of('nc')}`;
      if (of('nonce') === nonce && of('response') === right && of('uri') === seen.path && !accepted.includes(use)) {
        accepted.push(use);
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
        return;
      }
      const challenge = `Digest qop="auth", realm="${REALM}", nonce="${nonce}", algorithm=SHA-256`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
