import type { Range } from '../diagnostic.ts'

/** Puts `text` in the place of `range`. */
export interface TextEdit {
  readonly range: Range
  readonly text: string
}

/** The text after the edits; their ranges do not overlap and refer to the text before. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toSorted((a, b) => b.range.start - a.range.start)
    .reduce((kept, { range, text: put }) => kept.slice(0, range.start) + put + kept.slice(range.end), text)
}
