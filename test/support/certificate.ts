import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate for 127.0.0.1, valid between two times of the form `YYYYMMDDHHMMSSZ`. */
export async function createCertificate(
  validity: { notBefore: string; notAfter: string } = { notBefore: '20200101000000Z', notAfter: '20990101000000Z' },
): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-certificate-'));
  const path = (name: string): string => join(folder, name);
  const [key, csr, cert, ca, extensions] = [path('key'), path('csr'), path('cert'), path('ca'), path('extensions')];
  try {
    await writeFile(path('index'), '');
    await writeFile(path('serial'), '01\n');
    await writeFile(extensions, 'subjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:TRUE\n');
    await writeFile(
      ca,
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${path('index')}\nserial=${path('serial')}\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
    );
    await run('openssl', [
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      csr,
      '-subj',
      '/CN=127.0.0.1',
    ]);
    const { notBefore, notAfter } = validity;
    const dates = ['-startdate', notBefore, '-enddate', notAfter];
    const files = ['-config', ca, '-in', csr, '-out', cert, '-keyfile', key, '-extfile', extensions];
    await run('openssl', ['ca', '-batch', '-notext', '-selfsign', ...files, ...dates]);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
