/**
 * What a document whose form is wrong says of files and profiles, so that those that are missing are told in the same run.
 * Whatever has not the expected form is passed over: that was reported.
 */
import { resolve as resolvePath } from 'node:path';
import { resolveCertificate, resolveSecret, type FileContext } from './resolve-files.ts';
import { resolveProfile } from './resolve-profile.ts';
import { valueAt } from './schema-walk.ts';

type NamedContext = FileContext & { readonly dataDir: string };

/** Reports what is wrong with the files and profiles that sources and sinks name. */
export function checkNamedFiles(document: unknown, context: FileContext): void {
  const dataDir = resolvePath(context.cwd, textAt(document, 'dataDir') ?? './data');
  for (const [i, source] of listAt(document, 'sources').entries())
    checkSource(source, `sources[${i}]`, { ...context, dataDir });
  for (const [i, sink] of listAt(document, 'sinks').entries()) checkFiles(sink, 'token', `sinks[${i}]`, context);
}

function checkSource(source: unknown, where: string, context: NamedContext): void {
  checkFiles(source, 'password', where, context);
  const type = textAt(source, 'type');
  if (type === 'mqtt' || type === 'http') checkProfile(source, 'payload', where, context);
  if (type !== 'modbus') return;
  for (const [i, device] of listAt(source, 'devices').entries())
    checkProfile(device, 'registers', `${where}.devices[${i}]`, context);
}

function checkFiles(item: unknown, secret: string, where: string, context: FileContext): void {
  resolveSecret(textAt(item, secret), textAt(item, `${secret}File`), `${where}.${secret}`, context);
  resolveCertificate(textAt(item, 'ca'), `${where}.ca`, context);
}

function checkProfile(item: unknown, kind: 'payload' | 'registers', where: string, context: NamedContext): void {
  const name = textAt(item, 'profile');
  if (name !== undefined) resolveProfile(name, kind, `${where}.profile`, context);
}

/** Undefined unless it is text that says something. */
function textAt(value: unknown, key: string): string | undefined {
  const text = valueAt(value, [key]);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = valueAt(value, [key]);
  return Array.isArray(list) ? list : [];
}
