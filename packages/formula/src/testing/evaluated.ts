import { formatDate, formatTime } from '@sheetflow/core/calendar'
import { CellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import { calculate } from '../calculator/calculate.ts'
import { EXAMPLE_SHEET } from '../functions/example-sheet.ts'
import { firstOf } from '../value/grid.ts'

/** A formula's value as a test compares it: numbers as doubles, dates and times as text, errors by their names. By the rules of Excel, unless of a sheet. */
export function evaluated(formula: string, sheet = false): unknown {
  const { dynamic: _, ...rules } = EXAMPLE_SHEET
  const { value, type, diagnostics } = calculate(`=${formula}`, sheet ? rules : EXAMPLE_SHEET)
  const problem = diagnostics.find((one) => one.severity === 'error')
  if (problem !== undefined) return problem.message
  const first = firstOf(value)
  if (first instanceof CellError) return first.kind
  if (typeof first === 'number' && type.type?.type === 'date') return formatDate(first)
  if (typeof first === 'number' && type.type?.type === 'time') return formatTime(first)
  return isNumber(first) ? toDecimal(first).toNumber() : first
}
