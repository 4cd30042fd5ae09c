import { isCellError, type CellErrorKind } from '@sheetflow/core/cell-error'
import { compareValues } from '@sheetflow/core/compare'
import { fold } from '@sheetflow/core/fold'
import { compareNumbers, isNumber } from '@sheetflow/core/number'
import { compareText } from '@sheetflow/core/text'
import type { Value } from '@sheetflow/core/value'
import type { FormulaType } from '../../bound.ts'
import { conversion } from '../../value/convert.ts'
import { ANY } from '../../value/type-rules.ts'

/** Excel's order among the cells of an array: numbers (dates are numbers), texts without letter case, FALSE, TRUE, errors; Blank is behind them all. */

/** What Excel's order knows, in its order. Lookups find among values of one rank only. */
export type Rank = 'number' | 'text' | 'bool' | 'other' | 'error' | 'blank'

const RANKS: Readonly<Record<Rank, number>> = { number: 0, text: 1, bool: 2, other: 3, error: 4, blank: 5 }

export function rankOf(value: Value): Rank {
  if (value === null) return 'blank'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'bool'
  if (isCellError(value)) return 'error'
  return isNumber(value) ? 'number' : 'other'
}

/** Numbers of errors as ERROR.TYPE gives them. */
const ERROR_NUMBERS: Readonly<Partial<Record<CellErrorKind, number>>> = {
  '#NULL!': 1,
  '#DIV/0!': 2,
  '#VALUE!': 3,
  '#REF!': 4,
  '#NAME?': 5,
  '#NUM!': 6,
  '#N/A': 7,
}

/** Negative, 0 or positive; of two values of one rank. */
export function compareAlike(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareText(fold(a), fold(b))
  if (isCellError(a) && isCellError(b)) return (ERROR_NUMBERS[a.kind] ?? 8) - (ERROR_NUMBERS[b.kind] ?? 8)
  return compareValues(a, b)
}

/** For sorting, `direction` 1 up or −1 down: Blank is last in both. */
export function sortCompare(direction: number): (a: Value, b: Value) => number {
  return (a, b) => {
    const [x, y] = [rankOf(a), rankOf(b)]
    if (x === y) return compareAlike(a, b) * direction
    if (x === 'blank' || y === 'blank') return RANKS[x] - RANKS[y]
    return (RANKS[x] - RANKS[y]) * direction
  }
}

/** Brings values of two static types into one form: where they differ, dates become their serial numbers. */
export function commonForm(a: FormulaType | null, b: FormulaType | null): readonly [(value: Value) => Value, (value: Value) => Value] {
  const [left, right] = a?.type === b?.type ? [null, null] : [conversion(a, ANY), conversion(b, ANY)]
  return [left ?? same, right ?? same]
}

function same(value: Value): Value {
  return value
}
