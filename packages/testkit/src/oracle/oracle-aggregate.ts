import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { fold } from '@sheetflow/core/fold'
import { compareNumbers, isNumber, toDecimal } from '@sheetflow/core/number'
import { compareText } from '@sheetflow/core/text'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { AggregateFunction } from '@sheetflow/formula/bound'
import { compareValues } from '@sheetflow/core/compare'
import { orderStatisticOf, spreadOf } from './oracle-statistics.ts'

const NUMBERS = new Set(['int', 'bigint', 'decimal', 'double'])
const COUNTED = new Set([...NUMBERS, 'date', 'time', 'timestamp', 'timestamptz'])

/**
 * An aggregate over cells given in key order, as plainly as it can be said: look at all of them, once. `type` is that of the column; null
 * for `count-rows`.
 */
export function aggregateOf(fn: AggregateFunction, type: ColumnType | null, cells: readonly Value[], args: readonly Value[] = []): Value {
  if (fn === 'count-rows' || type === null) return cells.length
  const filled = cells.filter((cell) => cell !== null)
  if (fn === 'counta') return filled.length
  const values = filled.filter((cell) => !isCellError(cell))
  if (fn === 'count') return COUNTED.has(type.type) ? values.length : 0
  const [first] = args
  const error = (fn === 'rank-eq' || fn === 'rank-avg' ? [first ?? null, ...filled] : filled).find(isCellError)
  if (error !== undefined) return error
  switch (fn) {
    case 'sum':
      return inType(type, total(values))
    case 'average':
      return average(type, values)
    case 'min':
      return extreme(type, values, (order) => order < 0)
    case 'max':
      return extreme(type, values, (order) => order > 0)
    case 'var-s':
    case 'var-p':
    case 'stdev-s':
    case 'stdev-p':
      return spreadOf(fn, type, values)
    default:
      return orderStatisticOf(
        fn,
        type,
        values.toSorted((a, b) => compareInFormula(a, b)),
        args,
      )
  }
}

/** Exact, with as many digits as it takes. */
function total(values: readonly Value[]): Decimal {
  let units = 0n
  let scale = 0
  for (const value of values) {
    if (!isNumber(value)) continue
    const decimal = toDecimal(value)
    const next = Math.max(scale, decimal.scale)
    units = units * 10n ** BigInt(next - scale) + BigInt(decimal.units) * 10n ** BigInt(next - decimal.scale)
    scale = next
  }
  return Decimal.of(units, scale).normalize()
}

function inType(type: ColumnType, sum: Decimal): Value {
  if (type.type === 'double') return Number.isFinite(sum.toNumber()) ? sum.toNumber() : new CellError('#NUM!')
  if (type.type === 'int') return Number.isSafeInteger(sum.toNumber()) && sum.scale === 0 ? sum.toNumber() : new CellError('#NUM!')
  if (sum.digits() > 38) return new CellError('#NUM!')
  return type.type === 'bigint' ? BigInt(sum.toString()) : sum
}

function average(type: ColumnType, values: readonly Value[]): Value {
  if (values.length === 0) return new CellError('#DIV/0!')
  const sum = total(values)
  if (type.type === 'double') return sum.toNumber() / values.length
  return sum.div(Decimal.of(values.length, 0)) ?? new CellError('#NUM!')
}

/** Of equal ones the first stands. Text is compared as Excel does. */
function extreme(type: ColumnType, values: readonly Value[], wins: (order: number) => boolean): Value {
  let best: Value = null
  for (const value of values) if (best === null || wins(compareInFormula(value, best))) best = value
  if (best !== null || !NUMBERS.has(type.type)) return best
  return type.type === 'bigint' ? 0n : type.type === 'decimal' ? Decimal.ZERO : 0
}

/** Numbers by value, text with case folded. */
export function compareInFormula(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(fold(a), fold(b))
  return compareValues(a, b)
}
