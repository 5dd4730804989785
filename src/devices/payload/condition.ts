import type { PayloadCondition } from '../../model/profile-data.ts';
import { parseJsonPath } from '../json-path.ts';
import type { Json } from '../profile.ts';
import { find } from './places.ts';

export type Holds = (node: Json) => boolean;

/** Compiles conditions that must all hold. An absent field equals nothing. */
export function conditions(data: readonly PayloadCondition[]): Holds {
  const compiled = data.map(({ path, equals, not }) => {
    const keys = parseJsonPath(path);
    return (node: Json): boolean => {
      const field = find(node, keys);
      return (equals === undefined || field === equals) && (not === undefined || field !== not);
    };
  });
  return (node) => compiled.every((holds) => holds(node));
}
