import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, isNumber, toDecimal } from '@sheetflow/core/number'
import type { AnyNumber } from '@sheetflow/core/number'
import type { ColumnType } from '@sheetflow/core/type'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { OrderFunction, SpreadFunction } from '@sheetflow/formula/bound'

const NUM = new CellError('#NUM!')

/** A fraction of whole numbers; below is positive. */
type Fraction = readonly [above: bigint, below: bigint]

/** Excel's functions over sorted values, in fractions. Arguments are numbers. */
export function orderStatisticOf(fn: OrderFunction, type: ColumnType, sorted: readonly Value[], args: readonly Value[]): Value {
  if (fn === 'rank-eq' || fn === 'rank-avg') return rankOf(fn, type, sorted, args)
  if (fn === 'median') return sorted.length === 0 ? NUM : interpolated(type, sorted, [BigInt(sorted.length - 1), 2n])
  const given = args[0] ?? 0
  if (isCellError(given)) return given
  if (!isNumber(given)) throw new Error('the binder takes numbers only')
  const n = BigInt(sorted.length)
  const [above, below] = fractionOf(given)
  switch (fn) {
    case 'large':
    case 'small': {
      const k = (above + below - 1n) / below
      if (above < below || k > n) return NUM
      return sorted[Number(fn === 'small' ? k - 1n : n - k)] ?? null
    }
    case 'percentile-inc':
      return inclusive(type, sorted, [above, below])
    case 'percentile-exc':
      return exclusive(type, sorted, [above, below])
    case 'quartile-inc':
      return above < 0n ? NUM : inclusive(type, sorted, [above / below, 4n])
    case 'quartile-exc':
      return exclusive(type, sorted, [above / below, 4n])
  }
}

function inclusive(type: ColumnType, sorted: readonly Value[], [above, below]: Fraction): Value {
  if (sorted.length === 0 || above < 0n || above > below) return NUM
  return interpolated(type, sorted, [above * BigInt(sorted.length - 1), below])
}

function exclusive(type: ColumnType, sorted: readonly Value[], [above, below]: Fraction): Value {
  const place: Fraction = [above * BigInt(sorted.length + 1) - below, below]
  if (sorted.length === 0 || place[0] < 0n || place[0] > below * BigInt(sorted.length - 1)) return NUM
  return interpolated(type, sorted, place)
}

/** The value at a place that need not be whole, in proportion between its neighbours. */
function interpolated(type: ColumnType, sorted: readonly Value[], [above, below]: Fraction): Value {
  const whole = Number(above / below)
  const rest = above % below
  const [low, high] = [sorted[whole] ?? 0, sorted[whole + 1] ?? 0]
  if (!isNumber(low) || !isNumber(high)) throw new Error('the binder takes numbers only')
  if (type.type === 'double') {
    if (rest === 0n) return low
    const part = Decimal.of(rest, 0).div(Decimal.of(below, 0))?.toNumber() ?? 0
    const value = Number(low) + (Number(high) - Number(low)) * part
    return Number.isFinite(value) ? value : NUM
  }
  if (rest === 0n) return toDecimal(low).normalize()
  const [a, x] = fractionOf(low)
  const [b, y] = fractionOf(high)
  // low + (high − low) · rest / below
  return quotient([a * y * below + (b * x - a * y) * rest, x * y * below])
}

function rankOf(fn: 'rank-eq' | 'rank-avg', type: ColumnType, sorted: readonly Value[], [number, order]: readonly Value[]): Value {
  const isNumbers = type.type === 'int' || type.type === 'bigint' || type.type === 'decimal' || type.type === 'double'
  const given = number ?? (isNumbers ? 0 : null)
  const direction = order ?? 0
  if (isCellError(given)) return given
  if (isCellError(direction)) return direction
  if (given === null) return new CellError('#N/A')
  const smaller = sorted.filter((one) => compareForRank(one, given, type) < 0).length
  const equal = sorted.filter((one) => compareForRank(one, given, type) === 0).length
  if (equal === 0) return new CellError('#N/A')
  const first = isNumber(direction) && toDecimal(direction).isZero() ? sorted.length - smaller - equal + 1 : smaller + 1
  return fn === 'rank-eq' ? first : quotient([BigInt(2 * first + equal - 1), 2n])
}

function compareForRank(a: Value, b: Value, type: ColumnType): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  const [x, y] = [momentOf(a, type), momentOf(b, type)]
  return x.days - y.days || x.micros - y.micros
}

function momentOf(value: Value, type: ColumnType): Timestamp {
  if (typeof value === 'object' && value !== null && 'days' in value && 'micros' in value) {
    // A day is compared with days: the time of day does not count.
    return type.type === 'date' ? { days: value.days, micros: 0 } : { days: value.days, micros: value.micros }
  }
  return { days: Number(value), micros: 0 }
}

/** Mean square distance from the mean, as it is defined; in fractions. */
export function spreadOf(fn: SpreadFunction, type: ColumnType, values: readonly Value[]): Value {
  const ofSample = fn === 'var-s' || fn === 'stdev-s'
  const n = BigInt(values.length)
  if (n < (ofSample ? 2n : 1n)) return new CellError('#DIV/0!')
  const fractions = values.map((value) => fractionOf(isNumber(value) ? value : 0))
  const below = fractions.reduce((most, [, one]) => (one > most ? one : most), 1n)
  const units = fractions.map(([above, one]) => above * (below / one))
  const sum = units.reduce((all, one) => all + one, 0n)
  const squares = units.reduce((all, one) => all + (n * one - sum) ** 2n, 0n)
  const isRoot = fn === 'stdev-s' || fn === 'stdev-p'
  if (type.type === 'double') {
    // The exact sums, then doubles: n·Σx² − (Σx)² is the sum of those squares over n.
    const variance = decimalOf(squares / n, below * below).toNumber() / Number(n * (ofSample ? n - 1n : n))
    const value = isRoot ? Math.sqrt(variance) : variance
    return Number.isFinite(value) ? value : NUM
  }
  const variance: Fraction = [squares, n * n * (ofSample ? n - 1n : n) * below * below]
  return isRoot ? rootOf(variance) : quotient(variance)
}

/** Digit by digit, until there are more than are kept. */
function rootOf([above, below]: Fraction): Decimal | CellError {
  if (above === 0n) return Decimal.ZERO
  let root = 0n
  let step = 1n
  while (step * step * below <= above) step *= 10n
  let places = 0
  for (let digits = 0; digits < 40;) {
    if (step > 1n) step /= 10n
    else {
      root *= 10n
      places++
    }
    const shift = 10n ** BigInt(2 * places)
    while ((root + step) ** 2n * below <= above * shift) root += step
    if (root > 0n) digits++
  }
  const kept = Decimal.of(root, places).significant(15)
  return kept.digits() > 38 ? NUM : kept
}

/** Powers of ten below, as decimals have them. */
function fractionOf(value: AnyNumber): Fraction {
  const decimal = toDecimal(value)
  return [BigInt(decimal.units), 10n ** BigInt(decimal.scale)]
}

function decimalOf(above: bigint, powerOfTen: bigint): Decimal {
  return Decimal.of(above, String(powerOfTen).length - 1)
}

/** Rounded to 15 digits; of more than 38 digits `#NUM!`. */
function quotient([above, below]: Fraction): Decimal | CellError {
  return Decimal.of(above, 0).div(Decimal.of(below, 0)) ?? NUM
}
