/** The words of a text, as a full-text index takes them: letters, digits and marks, in order. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []
}
