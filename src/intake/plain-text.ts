/** Foreign text made fit for a name or a message: one line, no control characters, no lone surrogates, at most `limit` long. */
export function plainText(text: string, limit: number): string {
  return text
    .slice(0, limit)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}
