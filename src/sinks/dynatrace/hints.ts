/** What a person can do about a blocked route, said for the person who owns the box. */
import type { Answered } from './exchange.ts';
import { isPage } from './server-text.ts';
import type { Dialect } from './verdict.ts';

const BASE_URL =
  'https://<environment>.live.dynatrace.com, or https://<host>/e/<environment id> for Managed and ActiveGate';

/** For 401, 403, 404, 405 and other answers that say the request itself will never do. */
export function credentialsHint(answer: Answered, dialect: Dialect, url: URL): string {
  if (isPlatformHost(url)) return platformHint(url);
  switch (answer.status) {
    case 401:
      return `Dynatrace does not know this token. Create an access token (it begins with dt0c01.) with the scope ${dialect.scope} in this environment and set it as token or tokenFile.`;
    case 403:
      return `The token lacks the scope ${dialect.scope}. Add it in Dynatrace under Access tokens, or set a token that has it. Nothing is lost meanwhile.`;
    case 404:
    case 405:
      return `There is no ingest API below ${url.href}. The sink's url must be ${BASE_URL}, without a path of the API.${pageRemark(answer)}`;
    default:
      return `Dynatrace refuses every request. Check the sink's url (${url.href}), its token and the licence of the environment.${pageRemark(answer)}`;
  }
}

/** For redirects, pages and a 200: no answer of the ingest API at all. */
export function pageHint(answer: Answered, url: URL): string {
  if (isPlatformHost(url)) return platformHint(url);
  const from =
    answer.status >= 300 && answer.status < 400
      ? 'The request was redirected'
      : 'The answer is not from the Dynatrace API';
  return `${from}: a login page of the network (captive portal), a proxy or a wrong url. Log in to the network, or check that the sink's url is ${BASE_URL}; now it is ${url.href}. Nothing is lost meanwhile.`;
}

/** A token that cannot be sent. */
export function unusableTokenHint(origin: string): string {
  return `Set the sink's token or tokenFile to a Dynatrace access token, on one line and without quotes; it was read from ${origin}.`;
}

function isPlatformHost(url: URL): boolean {
  return /\.apps\.dynatrace\.com$/i.test(url.hostname);
}

function platformHint(url: URL): string {
  const host = url.hostname.replace(/(\.live)?\.apps\./i, '.live.');
  return `${url.hostname} is the address of the web interface, which takes no metrics. Set the sink's url to https://${host}.`;
}

function pageRemark(answer: Answered): string {
  return isPage(answer.body, answer.headers.contentType)
    ? ' A page for people came back, so a proxy or the login page of the network may have answered instead.'
    : '';
}
