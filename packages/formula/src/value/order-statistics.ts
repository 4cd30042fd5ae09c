import { isCellError } from '@sheetflow/core/cell-error'
import { compareValues } from '@sheetflow/core/compare'
import { Decimal, QUOTIENT_DIGITS } from '@sheetflow/core/decimal'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType, FormulaType, OrderFunction } from '../bound.ts'
import { compareToKey, nearKey, type OrderKey } from '../criteria.ts'
import { double } from './arithmetic.ts'
import { NA, NUM } from './cell-errors.ts'
import { laneReader } from './readers.ts'
import { isNumberType } from './type-rules.ts'

/** Values in order, from the smallest; no Blanks and no errors among them. */
export interface Ranked {
  readonly size: number
  at(position: number): Value
  /** How many stand before the key; with `equal` also those that are it. */
  before(key: OrderKey, equal: boolean): number
}

/** Values in any order, put in order: `before` looks at each of them. */
export function rankedOf(values: readonly Value[]): Ranked {
  const sorted = values.toSorted(compareValues)
  return {
    size: sorted.length,
    at: (position) => sorted[position] ?? null,
    before: (key, equal) => sorted.filter((one) => compareToKey(one, key) < (equal ? 1 : 0)).length,
  }
}

/** The function over ranked values, with its arguments as the row at hand has them. */
export type OrderStatistic = (ranked: Ranked, args: readonly Value[]) => Value

const HALF = Decimal.of(5, 1)
const QUARTER = Decimal.of(25, 2)

/** Excel's functions over the order of a column's values. `args`: types of the further arguments. */
export function orderStatistic(fn: OrderFunction, type: FormulaType, args: readonly ExprType[]): OrderStatistic {
  switch (fn) {
    case 'rank-eq':
    case 'rank-avg':
      return rank(fn === 'rank-avg', type, args)
    case 'large':
      return ofNumber(args, (ranked, k) => picked(ranked, k, (n) => ranked.size - n))
    case 'small':
      return ofNumber(args, (ranked, k) => picked(ranked, k, (n) => n - 1))
    case 'median':
      return (ranked) => (ranked.size === 0 ? NUM : between(ranked, part(HALF, ranked.size - 1), type))
    case 'percentile-inc':
      return ofNumber(args, (ranked, k) => inclusive(ranked, k, type))
    case 'percentile-exc':
      return ofNumber(args, (ranked, k) => exclusive(ranked, k, type))
    case 'quartile-inc':
      return ofNumber(args, (ranked, k) => (k.sign() < 0 ? NUM : inclusive(ranked, quarters(k), type)))
    case 'quartile-exc':
      return ofNumber(args, (ranked, k) => exclusive(ranked, quarters(k), type))
  }
}

/** An error among the arguments is the result. */
function ofNumber(args: readonly ExprType[], run: (ranked: Ranked, k: Decimal) => Value): OrderStatistic {
  const read = laneReader(args[0]?.type ?? null, 'decimal')
  return (ranked, values) => {
    const k = read(values[0] ?? null)
    return isCellError(k) ? k : run(ranked, toDecimal(k))
  }
}

/** LARGE and SMALL round `k` up, as Excel does; below 1 and beyond the last is `#NUM!`. */
function picked(ranked: Ranked, k: Decimal, position: (n: number) => number): Value {
  const whole = k.rescale(0, 'truncate')
  const n = Number(whole.units) + (whole.cmp(k) < 0 ? 1 : 0)
  return k.cmp(Decimal.of(1, 0)) < 0 || n > ranked.size ? NUM : ranked.at(position(n))
}

/** A whole number of quarters, cut off. */
function quarters(k: Decimal): Decimal {
  return k.rescale(0, 'truncate').mul(QUARTER) ?? Decimal.of(-1, 0)
}

function inclusive(ranked: Ranked, k: Decimal, type: FormulaType): Value {
  if (ranked.size === 0 || k.sign() < 0 || k.cmp(Decimal.of(1, 0)) > 0) return NUM
  return between(ranked, part(k, ranked.size - 1), type)
}

function exclusive(ranked: Ranked, k: Decimal, type: FormulaType): Value {
  if (ranked.size === 0 || k.sign() <= 0 || k.cmp(Decimal.of(1, 0)) >= 0) return NUM
  const place = part(k, ranked.size + 1)?.sub(Decimal.of(1, 0)) ?? null
  if (place === null || place.sign() < 0 || place.cmp(Decimal.of(ranked.size - 1, 0)) > 0) return NUM
  return between(ranked, place, type)
}

function part(k: Decimal, of: number): Decimal | null {
  return k.mul(Decimal.of(of, 0))
}

/** The value at a place that may lie between two positions: on the straight line between them, rounded as quotients are. */
function between(ranked: Ranked, place: Decimal | null, type: FormulaType): Value {
  if (place === null) return NUM
  const whole = place.rescale(0, 'truncate')
  const rest = place.sub(whole)
  const low = ranked.at(Number(whole.units))
  if (!isNumber(low) || rest === null) return NUM
  if (rest.isZero()) return type.type === 'double' ? low : toDecimal(low).normalize()
  const high = ranked.at(Number(whole.units) + 1)
  if (!isNumber(high)) return NUM
  if (typeof low === 'number' && typeof high === 'number' && type.type === 'double') return double(low + (high - low) * rest.toNumber())
  const step = toDecimal(high).sub(toDecimal(low))?.mul(rest) ?? null
  const value = step === null ? null : toDecimal(low).add(step)
  return value === null ? NUM : value.significant(QUOTIENT_DIGITS)
}

/** Of a number that is not among them `#N/A`. Order 0 counts from the greatest, any other from the smallest. */
function rank(average: boolean, type: FormulaType, args: readonly ExprType[]): OrderStatistic {
  const readOrder = laneReader(args[1]?.type ?? null, 'decimal')
  const isNumbers = isNumberType(type)
  return (ranked, values) => {
    const order = readOrder(values[1] ?? null)
    const given = values[0] ?? null
    if (isCellError(given)) return given
    if (isCellError(order)) return order
    const key = nearKey(given === null && isNumbers ? 0 : given, type, -1)
    if (key === null) return NA
    const [before, through] = [ranked.before(key, false), ranked.before(key, true)]
    if (before === through) return NA
    const first = toDecimal(order).isZero() ? ranked.size - through + 1 : before + 1
    return average ? Decimal.of(2 * first + through - before - 1, 0).mul(HALF) : first
  }
}
