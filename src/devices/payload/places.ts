/** Where in a payload fields are looked for. Keys are compared without case where none is the same to the letter. */
import { isJsonObject } from '../field-value.ts';
import { parseJsonPath, type JsonPath } from '../../model/json-path.ts';
import type { Json } from '../profile.ts';

/** A node of the payload, and its number from 1 where it is an element of a list. */
export interface Place {
  readonly node: Json;
  readonly index: number;
}

export type FindPlaces = (payload: Json) => Place[];

const ANY = '*';

/** Compiles a path of keys; `*` stands for each key of an object, `[]` at the end for each element of a list, nothing for the payload itself. */
export function placesAt(path: string): FindPlaces {
  const list = path.endsWith('[]');
  const keys = list ? path.slice(0, -2) : path;
  const steps = keys === '' ? [] : parseJsonPath(keys);
  return (payload) => {
    const nodes = steps.reduce<Json[]>((found, step) => found.flatMap((node) => children(node, step)), [payload]);
    if (!list) return nodes.map((node) => ({ node, index: 1 }));
    return nodes.flatMap((node) => (Array.isArray(node) ? elements(node as readonly Json[]) : []));
  };
}

/** What the path leads to; undefined when there is nothing. */
export function find(node: Json, path: JsonPath): Json | undefined {
  let at: Json | undefined = node;
  for (const step of path) {
    if (at === undefined) return undefined;
    at = children(at, step)[0];
  }
  return at;
}

function children(node: Json, step: string): Json[] {
  if (Array.isArray(node)) {
    const element = /^\d+$/.test(step) ? (node as readonly Json[])[Number(step)] : undefined;
    return element === undefined ? [] : [element];
  }
  if (!isJsonObject(node)) return [];
  if (step === ANY) return Object.values(node);
  const key = Object.hasOwn(node, step)
    ? step
    : Object.keys(node).find((other) => other.toLowerCase() === step.toLowerCase());
  const child = key === undefined ? undefined : node[key];
  return child === undefined ? [] : [child];
}

function elements(list: readonly Json[]): Place[] {
  return list.map((node, i) => ({ node, index: i + 1 }));
}
