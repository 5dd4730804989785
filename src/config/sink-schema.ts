import { z } from 'zod';
import { MINUTE } from '../model/time.ts';
import { parseTenantUrl } from './address.ts';
import { about, choice, duration, flag, holds, section, text, type Breach } from './schema-parts.ts';
import { NAME, NAME_RULE } from './source-parts.ts';

const tenantUrl = text('an address such as https://abc12345.live.dynatrace.com').transform((written, context) => {
  const url = parseTenantUrl(written.trim());
  if (!('flaw' in url)) return url;
  context.addIssue({ code: 'custom', message: url.flaw });
  return z.NEVER;
});

export const dynatraceSink = section({
  type: z.literal('dynatrace').meta(about('**A Dynatrace environment**', '`dynatrace`')),
  name: text(NAME_RULE)
    .regex(NAME, `expected ${NAME_RULE}`)
    .prefault('dynatrace')
    .meta(about('Its name in the status and the ledger; what is owed is kept under it')),
  url: tenantUrl.meta(
    about(
      'Base URL: `https://<environment>.live.dynatrace.com`, or `https://<host>:9999/e/<environment-id>`',
      'required',
    ),
  ),
  token: text('an access token')
    .optional()
    .meta(
      about(
        'Secret: access token with the scopes `metrics.ingest` and, for `late`, `bizevents.ingest`',
        'required, or `tokenFile`',
      ),
    ),
  tokenFile: text('the path of a file').optional().meta(about('File that holds the token; read again when it changes')),
  ca: text('the path of a file')
    .optional()
    .meta(about("PEM file of the authority that signed the server's certificate", "the system's authorities")),
  resolution: choice('1m', 'raw')
    .prefault('1m')
    .meta(about('`1m`: one line per series and minute; `raw`: every value')),
  flush: duration(0, 5 * MINUTE)
    .prefault('10s')
    .meta(about('The longest a due value waits for company')),
  late: choice('bizevents', 'none')
    .prefault('bizevents')
    .meta(
      about(
        'Where values go that are too old for metrics: business events, or nowhere (they stay in the local history)',
      ),
    ),
  backfill: flag().prefault(false).meta(about('Whether a new sink is owed what is already stored')),
  insecureSkipVerify: flag().prefault(false).meta(about("Sends without checking the server's certificate")),
}).superRefine(holds(sinkBreaches));

export type DynatraceSinkDocument = z.output<typeof dynatraceSink>;

function sinkBreaches({ token, tokenFile }: Pick<DynatraceSinkDocument, 'token' | 'tokenFile'>): Breach[] {
  if (token === undefined && tokenFile === undefined)
    return [{ path: ['token'], message: 'expected an access token, here or as tokenFile' }];
  if (token !== undefined && tokenFile !== undefined)
    return [{ path: ['tokenFile'], message: 'both token and tokenFile are set; set one of them' }];
  return [];
}
