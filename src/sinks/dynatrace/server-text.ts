import { maskSecrets } from '../../platform/secret.ts';
import { isRecord, parseJson } from './json.ts';

const MAX_TEXT = 500;
const MAX_PAGE = 16_384;

/** A text of the server's as a person may see it: one line, no secrets, at most 500 characters. */
export function serverText(text: string): string {
  // Secrets are looked for before the cut, which could leave half of one, and both before control characters become blanks
  // (a secret may hold some) and after (a line broken within one).
  const clean = maskSecrets(maskSecrets(text).replaceAll(/\p{Cc}+|[\u2028\u2029\p{Cs}]/gu, ' ')).trim();
  return clean.length <= MAX_TEXT ? clean : `${clean.slice(0, MAX_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** What a body says: the message of the API's error envelope, or the text of a page. Empty when it says nothing. */
export function bodyText(body: string): string {
  const json = parseJson(body);
  const error = isRecord(json) && isRecord(json['error']) ? json['error'] : json;
  if (isRecord(error) && typeof error['message'] === 'string') return serverText(error['message']);
  // Written anew, because a secret that the server escaped in its own way (`\/`, `\u003c`) would not be found.
  const page = maskSecrets(json === undefined ? body : JSON.stringify(json)).slice(0, MAX_PAGE);
  return serverText(
    page
      .replaceAll(/<(script|style)\b[^>]{0,500}>[^<]*<\/\1>/gi, ' ')
      .replaceAll(/<[^<>]{0,2000}>/g, ' ')
      .replaceAll(/\s+/g, ' '),
  );
}

/** Whether this is a page for people instead of an answer of the API. */
export function isPage(body: string, contentType = ''): boolean {
  return /\bhtml\b/i.test(contentType) || /^\s*</.test(body);
}
