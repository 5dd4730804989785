import {
  registerWords,
  type QuantityChoice,
  type RegisterBlock,
  type RegisterData,
  type RegisterProfileData,
} from '../../model/profile-data.ts';
import { wantedBy } from '../wanted.ts';

/** A block, and where it may be cut: at the addresses where a value begins. */
export interface CuttableBlock extends RegisterBlock {
  readonly cuts: readonly number[];
}

/** What must be read for the quantities chosen: blocks with a wanted register, and SunSpec models with a wanted point. */
export function blocksOf(
  profile: RegisterProfileData,
  choice: QuantityChoice,
): { readonly blocks: readonly CuttableBlock[]; readonly models: readonly number[] } {
  const wanted = wantedBy(choice);
  const isWanted = ({ quantity, enabled }: Pick<RegisterData, 'quantity' | 'enabled'>): boolean =>
    quantity === null ? enabled : wanted(quantity, enabled);
  const blocks = profile.blocks.flatMap((block) => {
    const inside = profile.registers.filter((register) => isInside(register, block));
    if (!inside.some(isWanted)) return [];
    const cuts = [...new Set(inside.map(({ address }) => address))].sort((a, b) => a - b);
    return [{ ...block, cuts }];
  });
  const models = profile.models.filter(({ points }) => points.some(isWanted)).map(({ model }) => model);
  return { blocks, models };
}

function isInside({ fc, address, type, words }: RegisterData, block: RegisterBlock): boolean {
  const end = address + registerWords({ type, words });
  return fc === block.fc && address >= block.start && end <= block.start + block.count;
}
