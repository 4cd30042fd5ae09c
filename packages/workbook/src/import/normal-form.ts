import { parseFormula } from '@sheetflow/formula/syntax/parse'
import type { ExcelFormula } from '../excel/book.ts'
import { shifted } from '../excel/shift.ts'

const known = new WeakMap<ExcelFormula, string>()

/** A text that is equal for two formulas if they are the same up to where they stand: relative references count by their distance. */
export function normalForm(formula: ExcelFormula, row: number, column: number): string {
  const before = known.get(formula)
  if (before !== undefined) return before
  const { node } = parseFormula(`=${formula.text}`, { dialect: 'excel' })
  const moved = shifted(node, formula.down - row, formula.across - column)
  const text = JSON.stringify(moved, (key, value: unknown) => (PLACES.has(key) ? undefined : value))
  known.set(formula, text)
  return text
}

/** Where a node stands in the text. */
const PLACES: ReadonlySet<string> = new Set(['start', 'end', 'nameRange'])
