import type { PayloadCondition } from '../../model/profile-data.ts';
import { parseJsonPath } from '../json-path.ts';
import type { Json } from '../profile.ts';
import { find } from './places.ts';

export type Holds = (node: Json) => boolean;

/** Compiles conditions that must all hold. An absent field equals nothing. */
export function conditions(data: readonly PayloadCondition[]): Holds {
  const compiled = data.map(({ at, equals, not }) => {
    const path = parseJsonPath(at);
    return (node: Json): boolean => {
      const field = find(node, path);
      return (equals === null || field === equals) && (not === null || field !== not);
    };
  });
  return (node) => compiled.every((holds) => holds(node));
}
