/**
 * The three parts of undici in use, each from its own file: its entry also loads fetch, WebSocket, caches and mocks, which
 * costs 13 MB of resident memory. These paths are no public interface of undici: its version is pinned, and the contract of
 * the sink fails when they change.
 */
import { createRequire } from 'node:module';
import type * as undici from 'undici';

const load = createRequire(import.meta.url);

export type Agent = undici.Agent;
export type ResponseData = undici.Dispatcher.ResponseData;

export const Agent = load('undici/lib/dispatcher/agent.js') as typeof undici.Agent;
export const buildConnector = load('undici/lib/core/connect.js') as typeof undici.buildConnector;

const requestOf = load('undici/lib/api/api-request.js') as (
  this: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
) => Promise<ResponseData>;

/** One request on the agent's connections; rejects with undici's errors, which carry a `code`. */
export function request(agent: Agent, options: undici.Dispatcher.RequestOptions): Promise<ResponseData> {
  return requestOf.call(agent, options);
}
