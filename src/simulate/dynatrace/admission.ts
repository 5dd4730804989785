import type { IncomingHttpHeaders } from 'node:http';
import type { Decoded } from './body.ts';
import type { RouteName } from './fault.ts';
import { envelope, type Reply } from './reply.ts';
import type { Rules } from './rules.ts';

const PATHS: Readonly<Record<RouteName, RegExp>> = {
  metrics: /^(?:\/e\/[A-Za-z0-9-]+)?\/api\/v2\/metrics\/ingest$/,
  bizevents: /^(?:\/e\/[A-Za-z0-9-]+)?\/api\/v2\/bizevents\/ingest$/,
};

const SCOPES: Readonly<Record<RouteName, string>> = {
  metrics: 'metrics.ingest (Ingest metrics)',
  bizevents: 'bizevents.ingest (Ingest bizevents)',
};

export const ALL_SCOPES: readonly string[] = ['metrics.ingest', 'bizevents.ingest'];

const EVENT_TYPES = [
  'application/json',
  'application/cloudevent+json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
];

const BODY_REFUSALS = {
  'unknown-encoding': envelope(415, 'Unsupported content encoding'),
  corrupt: envelope(400, 'The body could not be decoded'),
  'too-large': envelope(413),
} as const;

export interface Asked {
  readonly method: string;
  readonly route: RouteName | null;
  readonly headers: IncomingHttpHeaders;
  readonly encoding: string;
  readonly body: Decoded;
}

/** Which of the two APIs a path is, with or without the `/e/<environment>` of Managed and ActiveGate. */
export function routeOf(path: string): RouteName | null {
  if (PATHS.metrics.test(path)) return 'metrics';
  return PATHS.bizevents.test(path) ? 'bizevents' : null;
}

/** The text of a body that may be read, or the answer to a request that goes no further. `token` null: any will do. */
export function admit(
  asked: Asked,
  access: { readonly token: string | null; readonly scopes: readonly string[] },
  rules: Rules,
): { readonly route: RouteName; readonly text: string } | Reply {
  const { route, body } = asked;
  if (route === null) return envelope(404);
  if (asked.method !== 'POST') return { ...envelope(405), headers: { ...envelope(405).headers, allow: 'POST' } };
  const given = /^Api-Token (\S+)$/.exec(asked.headers.authorization ?? '')?.[1];
  if (given === undefined || (access.token !== null && given !== access.token)) return envelope(401);
  const scope = SCOPES[route];
  if (!access.scopes.includes(scope.slice(0, scope.indexOf(' ')))) {
    return envelope(403, `Token is missing required scope. Use one of: ${scope}`);
  }
  const type = (asked.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const typeFits =
    route === 'metrics' ? type === 'text/plain' || rules.contentType === 'any' : EVENT_TYPES.includes(type);
  if (!typeFits) return envelope(415, `Unsupported media type '${type}'`);
  if (asked.encoding === 'gzip' && !rules.gzip) return envelope(415, "Unsupported content encoding 'gzip'");
  if (body.kind !== 'text') return BODY_REFUSALS[body.kind];
  const limit = route === 'metrics' ? rules.maxBodyBytes : rules.maxEventBytes;
  return body.bytes > limit ? envelope(413) : { route, text: body.text };
}
