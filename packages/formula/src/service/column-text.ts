import type { Range } from '../diagnostic.ts'
import { columnBehindAt, escapeColumn } from '../syntax/print.ts'

/** A column's name as it is written in the place of another one: `place` is that of the name in a reference of the formula `text`. */
export function columnText(text: string, place: Range, name: string): string {
  return /@\s*$/.test(text.slice(0, place.start)) ? columnBehindAt(name) : escapeColumn(name)
}
