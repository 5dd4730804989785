import type { PayloadCondition } from '../../model/profile-data.ts';
import { parseJsonPath } from '../../model/json-path.ts';
import type { Json } from '../profile.ts';
import { find } from './places.ts';

export type Holds = (node: Json, root: Json) => boolean;

const FROM_ROOT = '$.';

/** Compiles conditions that must all hold. */
export function conditions(data: readonly PayloadCondition[]): Holds {
  const compiled = data.map((condition) => {
    const fromRoot = condition.path.startsWith(FROM_ROOT);
    const path = parseJsonPath(fromRoot ? condition.path.slice(FROM_ROOT.length) : condition.path);
    return (node: Json, root: Json): boolean => isMet(condition, find(fromRoot ? root : node, path));
  });
  return (node, root) => compiled.every((holds) => holds(node, root));
}

function isMet({ equals, not, present, above, below }: PayloadCondition, field: Json | undefined): boolean {
  const number = typeof field === 'number' ? field : Number.NaN;
  return (
    (equals === undefined || field === equals) &&
    (not === undefined || field !== not) &&
    (present === undefined || present === (field !== undefined)) &&
    (above === undefined || number > above) &&
    (below === undefined || number < below)
  );
}
