/** The shapes of the API's answers. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface InvalidLine {
  /** From 1. */
  readonly line: number;
  readonly error: string;
}

export interface LineWarning {
  readonly line: number;
  readonly warning: string;
}

export interface Validation {
  readonly linesOk: number;
  readonly linesInvalid: number;
  /** Every invalid line. */
  readonly invalidLines: readonly InvalidLine[];
  readonly warnings: readonly LineWarning[];
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** A ValidationResponse: 400 as soon as one line is invalid, though the others are stored. */
export function validationReply(found: Validation, errorsListed: number | null): Reply {
  const listed = errorsListed === null ? found.invalidLines : found.invalidLines.slice(0, errorsListed);
  const capped = listed.length < found.linesInvalid;
  const message = capped ? `First ${listed.length} errors reported` : `${found.linesInvalid} invalid lines`;
  return json(found.linesInvalid > 0 ? 400 : 202, {
    linesOk: found.linesOk,
    linesInvalid: found.linesInvalid,
    error: found.linesInvalid > 0 ? { code: 400, message, invalidLines: listed } : null,
    warnings:
      found.warnings.length > 0
        ? { message: `First ${found.warnings.length} warnings reported`, warningLines: found.warnings }
        : null,
  });
}

/** An ErrorEnvelope: the request as a whole was not taken. */
export function envelope(status: number, message: string = MESSAGES[status] ?? `Error ${status}`): Reply {
  return json(status, { error: { code: status, message, constraintViolations: null } });
}

/** What a proxy, a portal or a load balancer answers. */
export function html(status: number): Reply {
  const title = `${status} ${MESSAGES[status] ?? ''}`.trim();
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}

export function empty(status: number): Reply {
  return { status, headers: {}, body: '' };
}

export function json(status: number, value: unknown): Reply {
  return { status, headers: JSON_TYPE, body: JSON.stringify(value) };
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Token Authentication failed',
  403: 'Token is missing required scope.',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Payload too large',
  415: 'Unsupported media type',
  429: 'Too many requests.',
  500: 'Internal server error',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Gateway timeout',
};
