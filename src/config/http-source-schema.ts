import { z } from 'zod';
import { MINUTE, SECOND } from '../model/time.ts';
import { about, choice, duration, holds, section, text, type Breach } from './schema-parts.ts';
import { invert, quantities, silentAfter, sourceName } from './source-parts.ts';

const EXAMPLE = 'an address such as http://192.168.1.20';

const base = text(EXAMPLE).transform((written, context) => {
  const url = URL.canParse(written) ? new URL(written) : null;
  const flaw =
    url === null || !['http:', 'https:'].includes(url.protocol)
      ? `expected ${EXAMPLE}`
      : url.username !== '' || url.password !== ''
        ? 'expected no user in the address; use the keys username and password'
        : null;
  if (url !== null && flaw === null) return url;
  context.addIssue({ code: 'custom', message: flaw ?? `expected ${EXAMPLE}` });
  return z.NEVER;
});

export const httpSource = section({
  type: z.literal('http').meta(about('**A device that is asked over HTTP**', '`http`')),
  name: sourceName('poll'),
  url: base.meta(about('Where the device is: `http://192.168.1.20`', 'required')),
  paths: z
    .array(text('a path').startsWith('/', 'expected a path that begins with /'))
    .min(1)
    .optional()
    .meta(about('What is asked for, such as `[/status]`', "the profile's")),
  profile: text('the name of a profile').meta(
    about('What the answers mean: `amis`, `json` or another of `gateway profiles list`', 'required'),
  ),
  device: text('a name')
    .regex(/^[^{}]+$/, 'expected a name without { or }')
    .prefault('device')
    .meta(about('Dimension `device`')),
  quantities,
  invert,
  interval: duration(SECOND, 60 * MINUTE)
    .prefault('10s')
    .meta(about('From one poll to the next')),
  timeout: duration(100, MINUTE).prefault('5s').meta(about('How long an answer may take')),
  auth: choice('auto', 'basic', 'digest')
    .prefault('auto')
    .meta(about('How it logs in; `auto`: as the device asks for')),
  username: text('a user name').optional().meta(about('User of the device')),
  password: text('a password').optional().meta(about('Secret')),
  passwordFile: text('the path of a file')
    .optional()
    .meta(about('File that holds the password; read again when it changes')),
  ca: text('the path of a file')
    .optional()
    .meta(about("PEM file of the authority that signed the device's certificate", "the system's authorities")),
  silentAfter,
}).superRefine(holds(httpBreaches));

export type HttpSourceDocument = z.output<typeof httpSource>;

function* httpBreaches({
  url,
  username,
  password,
  passwordFile,
  ca,
}: Pick<HttpSourceDocument, 'url' | 'username' | 'password' | 'passwordFile' | 'ca'>): Iterable<Breach> {
  if (ca !== undefined && url.protocol !== 'https:')
    yield { path: ['ca'], message: 'only a connection with https:// has certificates' };
  const hasPassword = password !== undefined || passwordFile !== undefined;
  if (password !== undefined && passwordFile !== undefined)
    yield { path: ['passwordFile'], message: 'both password and passwordFile are set; set one of them' };
  if (hasPassword !== (username !== undefined))
    yield {
      path: [hasPassword ? 'username' : 'password'],
      message: `expected a ${hasPassword ? 'user name beside the password' : 'password beside the user name'}`,
    };
}
