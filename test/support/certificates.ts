import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** SHA-256, with colons. */
  readonly fingerprint: string;
}

/** A self-signed certificate for 127.0.0.1 and localhost, made by openssl. */
export async function selfSigned(name = 'broker'): Promise<Certificate> {
  const dir = await mkdtemp(join(tmpdir(), 'certificate-'));
  try {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    await run('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert]);
    const pem = await readFile(cert, 'utf8');
    return { key: await readFile(key, 'utf8'), cert: pem, fingerprint: new X509Certificate(pem).fingerprint256 };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
