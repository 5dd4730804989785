import {
  registerWords,
  type QuantityChoice,
  type RegisterBlock,
  type RegisterData,
  type RegisterProfileData,
} from '../../model/profile-data.ts';
import { wantedBy, type Wanted } from '../wanted.ts';

/** A block, and where it may be cut: at the addresses where a value begins. */
export interface CuttableBlock extends RegisterBlock {
  readonly cuts: readonly number[];
}

/**
 * Whether a register must be read: it is wanted, or tells whether one that is wanted was measured (`zeroMeansNone`).
 */
export function neededBy(
  { zeroMeansNone }: RegisterProfileData,
  wanted: Wanted,
): (register: Pick<RegisterData, 'quantity' | 'enabled'>) => boolean {
  return ({ quantity, enabled }) => {
    if (quantity === null) return enabled;
    return (
      wanted(quantity, enabled) ||
      zeroMeansNone.some((group) => group.includes(quantity) && group.some((other) => wanted(other, enabled)))
    );
  };
}

/** What must be read for the quantities chosen: blocks with a needed register, and SunSpec models with a wanted point. */
export function blocksOf(
  profile: RegisterProfileData,
  choice: QuantityChoice,
): { readonly blocks: readonly CuttableBlock[]; readonly models: readonly number[] } {
  const isNeeded = neededBy(profile, wantedBy(choice));
  const blocks = profile.blocks.flatMap((block) => {
    const inside = profile.registers.filter((register) => isInside(register, block));
    if (!inside.some(isNeeded)) return [];
    const cuts = [...new Set(inside.map(({ address }) => address))].sort((a, b) => a - b);
    return [{ ...block, cuts }];
  });
  const models = profile.models.filter(({ points }) => points.some(isNeeded)).map(({ model }) => model);
  return { blocks, models };
}

function isInside({ fc, address, type, words }: RegisterData, block: RegisterBlock): boolean {
  const end = address + registerWords({ type, words });
  return fc === block.fc && address >= block.start && end <= block.start + block.count;
}
