import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { calculate, type CalculatorInput } from '../calculator/calculate.ts'
import { EXAMPLE_SHEET } from '../functions/example-sheet.ts'
import { Grid } from '../value/grid.ts'

const ROW = must(EXAMPLE_SHEET.row)

/** The sheet of the examples with more types: `[@double]` is 0.1 + 0.2 with its noise, `[@bigint]` 2^53 + 1, `[@flag]` TRUE. */
const DYNAMIC: CalculatorInput = {
  ...EXAMPLE_SHEET,
  row: {
    ...ROW,
    columns: [
      ...ROW.columns,
      { name: 'double', type: { type: 'double' }, nullable: true },
      { name: 'bigint', type: { type: 'bigint' }, nullable: true },
      { name: 'flag', type: { type: 'bool' }, nullable: true },
    ],
    rows: ROW.rows.map((row) => [...row, 0.1 + 0.2, 9007199254740993n, true]),
  },
}
const { dynamic: _, ...STATIC } = DYNAMIC

/** What a formula gives by the rules of a sheet, written as a formula would write it; with errors among its diagnostics their messages. */
export function inSheet(formula: string): string {
  return resultText(formula, STATIC)
}

/** As `inSheet` where values may be of any kind and results arrays. */
export function inCalculator(formula: string): string {
  return resultText(formula, DYNAMIC)
}

function resultText(formula: string, input: CalculatorInput): string {
  const { value, diagnostics } = calculate(formula, input)
  const errors = diagnostics.filter((one) => one.severity === 'error').map((one) => one.message)
  if (errors.length > 0) return errors.join('; ')
  if (!(value instanceof Grid)) return cellText(value)
  const rows = Array.from({ length: value.rows }, (__, row) => value.row(row).map(cellText).join(','))
  return `{${rows.join(';')}}`
}

function cellText(value: Value): string {
  if (value === null) return ''
  if (isCellError(value)) return value.kind
  if (isNumber(value)) return toDecimal(value).normalize().toString()
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value).toUpperCase()
}
