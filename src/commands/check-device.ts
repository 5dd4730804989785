import { accessSync, constants } from 'node:fs';
import type { HttpSourceConfig, ModbusSourceConfig } from '../config/config.ts';
import { SECOND } from '../model/time.ts';
import { failed, passed, type CheckResult } from './check-result.ts';

const CONNECT_WITHIN_MS = 5 * SECOND;

/** Asks a device over HTTP as the source would; of a Modbus line only whether it can be opened. */
export function checkDevice(
  name: string,
  source: HttpSourceConfig | ModbusSourceConfig,
  daemonRunning: boolean,
): Promise<CheckResult> {
  return source.type === 'http' ? checkHttp(name, source) : checkLine(name, source, daemonRunning);
}

async function checkHttp(name: string, source: HttpSourceConfig): Promise<CheckResult> {
  const [{ get }, { Login }] = await Promise.all([
    import('../sources/http/get.ts'),
    import('../sources/http/login.ts'),
  ]);
  const login = new Login(source);
  const signal = new AbortController().signal;
  for (const path of source.paths) {
    const url = `${source.url}${path}`;
    const { timeoutMs } = source;
    const ca = source.ca?.pem ?? null;
    const result = await get(url, { login, password: login.usualUse, ca, timeoutMs, maxBytes: 64 * 1024, signal });
    if (result.kind !== 'answer')
      return failed(
        name,
        `${url}: ${result.reason}`,
        result.kind === 'refused'
          ? result.hint
          : 'Is the device switched on, in this network, and is the address right?',
      );
  }
  return passed(name, `${source.url} answers`);
}

async function checkLine(name: string, source: ModbusSourceConfig, daemonRunning: boolean): Promise<CheckResult> {
  const { line, url } = source;
  if (daemonRunning) return passed(name, `the running gateway has the line ${url}`);
  if (line.kind === 'serial') {
    try {
      accessSync(line.path, constants.R_OK | constants.W_OK);
      return passed(name, `the port ${line.path} is there`);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      return failed(
        name,
        `the port ${line.path} cannot be used: ${code}`,
        code === 'EACCES'
          ? 'Add the user the gateway runs as to the group dialout.'
          : 'Is the adapter plugged in? `ls /dev/serial/by-id` lists those that are.',
      );
    }
  }
  const { TcpLink } = await import('../sources/modbus/link/tcp-link.ts');
  const link = new TcpLink(line.host, line.port, CONNECT_WITHIN_MS);
  try {
    await link.open({ onBytes: () => undefined, onBroken: () => undefined });
    return passed(name, `${url} takes a connection`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(
      name,
      `${url}: ${reason}`,
      'Is it switched on, in this network, and is another client connected to it?',
    );
  } finally {
    await link.close();
  }
}
