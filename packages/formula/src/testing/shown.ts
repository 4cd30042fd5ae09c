import { valueKey } from '@sheetflow/core/key'
import { calculate } from '../calculator/calculate.ts'
import { EXAMPLE_SHEET } from '../functions/example-sheet.ts'
import { gridOf, type FormulaValue } from '../value/grid.ts'

/** Rows of cells as text, to be compared: `valueKey` is one text for all forms of a value, 1, 1n and 1.00. */
export function shown(value: FormulaValue): readonly (readonly string[])[] {
  const grid = gridOf(value)
  return Array.from({ length: grid.rows }, (_, row) => grid.row(row).map((cell) => valueKey(cell)))
}

/** The cells of what a formula gives over the example's sheet, with what stops it being calculated. */
export function calculated(formula: string): { readonly cells: readonly (readonly string[])[]; readonly problems: readonly string[] } {
  const { value, diagnostics } = calculate(formula, EXAMPLE_SHEET)
  return { cells: shown(value), problems: diagnostics.filter((one) => one.severity === 'error').map((one) => one.message) }
}
