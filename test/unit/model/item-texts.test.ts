import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ItemTexts } from '../../../src/model/item-texts.ts';

it('holds texts as the bytes of one body, whatever their length and script, and gives each of them back', () => {
  const texts = new ItemTexts(',');
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 })), fc.nat(2), (given, repeated) => {
      const list = given.map((text) => text.repeat(1 + 200 * repeated));
      texts.clear();
      for (const text of list) {
        texts.push('taken back');
        texts.pop();
        texts.push(text);
      }
      expect(texts.bytes.toString()).toBe(list.join(','));
      expect(texts.byteLength).toBe(list.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0));
      expect([...texts]).toEqual(list);
      expect(texts).toHaveLength(list.length);
    }),
  );
});
