import { ItemTexts } from '../../src/model/item-texts.ts';

/** Texts as a request has them. */
export function itemTexts(texts: readonly string[], separator = '\n'): ItemTexts {
  const items = new ItemTexts(separator);
  for (const text of texts) items.push(text);
  return items;
}
