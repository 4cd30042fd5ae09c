import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareValues } from '@sheetflow/core/compare'
import { isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { ExprType, SpreadFunction } from '../bound.ts'
import { MISSING, type Compiled, type CompileHost, type ExprOf, type RowReader } from '../compile/compile-host.ts'
import { compareToKey, criteriaMatch, lookupKey, lookupPattern, nearKey, type OrderKey } from '../criteria.ts'
import { ADD, divideDecimal, double } from '../value/arithmetic.ts'
import { spend } from '../value/budget.ts'
import { DIV0, NUM } from '../value/cell-errors.ts'
import { clockValue } from '../value/clock.ts'
import { conversion } from '../value/convert.ts'
import { Grid } from '../value/grid.ts'
import { laneOf } from '../value/lane.ts'
import { orderStatistic, rankedOf } from '../value/order-statistics.ts'
import { laneReader } from '../value/readers.ts'
import { spread } from '../value/spread.ts'
import type { PlainTable } from './plain-table.ts'

/**
 * What formulas mean over tables that are plain arrays: every call looks at every row. For single questions (a calculator, the examples of
 * the reference); the engine keeps the same answers right incrementally.
 */
export class PlainHost implements CompileHost {
  readonly #table: (id: string) => PlainTable
  readonly #now: Timestamp

  /** `now`: what the workbook's zone shows. */
  constructor(table: (id: string) => PlainTable, now: Timestamp) {
    this.#table = table
    this.#now = now
  }

  lookup({ relation, key, result, mode }: ExprOf<'lookup'>, search: Compiled): (row: RowReader) => Value | typeof MISSING {
    return (row) => {
      const wanted = search(row)
      if (isCellError(wanted)) return wanted
      const pattern = mode === 2 ? lookupPattern(wanted) : null
      if (pattern !== null) {
        const fitting = this.#sorted(relation).find((one) => pattern.fits(one[key] ?? null))
        return fitting === undefined ? MISSING : (fitting[result] ?? null)
      }
      if (mode === 1 || mode === -1) {
        const near = nearest(this.#sorted(relation), key, nearKey(wanted, this.#table(relation).columns[key]?.type ?? null, mode), mode)
        return near === null ? MISSING : (near[result] ?? null)
      }
      const asked = lookupKey(wanted)
      if (asked === null) return MISSING
      const found = this.#sorted(relation).find((one) => lookupKey(one[key] ?? null) === asked)
      return found === undefined ? MISSING : (found[result] ?? null)
    }
  }

  aggregate(node: ExprOf<'aggregate'>, criteria: readonly Compiled[], args: readonly Compiled[]): Compiled {
    const { columns } = this.#table(node.relation)
    const type = node.column === null ? null : (columns[node.column]?.type ?? null)
    return (row) => {
      const tests = node.criteria.map((one, index) => ({
        column: one.column,
        meets: criteriaMatch(one.op, criteria[index]?.(row) ?? null, columns[one.column]?.type ?? null),
      }))
      const rows = this.#sorted(node.relation).filter((one) => tests.every(({ column, meets }) => meets(one[column] ?? null)))
      const { column } = node
      if (column === null) return rows.length
      return aggregate(
        node,
        rows.map((one) => one[column] ?? null),
        { type, nullable: true },
        args.map((arg) => arg(row)),
      )
    }
  }

  columns({ relation, columns, type }: ExprOf<'columns'>): () => Grid {
    const types = this.#table(relation).columns
    const converts = columns.map((column) => conversion(types[column]?.type ?? null, type))
    return () =>
      Grid.ofRows(
        this.#sorted(relation).map((row) =>
          columns.map((column, index) => {
            const value = row[column] ?? null
            return converts[index]?.(value) ?? value
          }),
        ),
      )
  }

  named(): Compiled {
    return () => null
  }

  clock({ unit }: ExprOf<'clock'>): Compiled {
    return () => clockValue(this.#now, unit)
  }

  /** By key, which decides ties and which of several errors shows. */
  #sorted(id: string): readonly (readonly Value[])[] {
    const { rows, key } = this.#table(id)
    spend(rows.length)
    return rows.toSorted((a, b) => {
      for (const column of key) {
        const order = compareValues(a[column] ?? null, b[column] ?? null)
        if (order !== 0) return order
      }
      return 0
    })
  }
}

/** The row with the greatest key not behind the one asked for (mode 1: the least not before it); of equal ones the first. */
function nearest(rows: readonly (readonly Value[])[], column: number, asked: OrderKey | null, mode: -1 | 1): readonly Value[] | null {
  if (asked === null) return null
  return rows.reduce<readonly Value[] | null>((best, row) => {
    const cell = row[column] ?? null
    const fits = mode === -1 ? compareToKey(cell, asked) <= 0 : compareToKey(cell, asked) >= 0
    const held = best?.[column] ?? null
    const key = held === null ? null : nearKey(held, null, mode)
    return fits && (key === null || compareToKey(cell, key) * mode < 0) ? row : best
  }, null)
}

function aggregate(node: ExprOf<'aggregate'>, values: readonly Value[], column: ExprType, args: readonly Value[]): Value {
  const filled = values.filter((value) => value !== null)
  if (node.fn === 'counta') return filled.length
  const numbers = filled.filter((value) => !isCellError(value))
  if (node.fn === 'count')
    return laneOf(column.type) === null || column.type?.type === 'text' || column.type?.type === 'bool' ? 0 : numbers.length
  // Errors go by the order of the arguments: the number that RANK ranks stands before the column.
  const ranked = node.fn === 'rank-eq' || node.fn === 'rank-avg' ? args.slice(0, 1) : []
  const error = [...ranked, ...filled].find((value) => isCellError(value))
  if (error !== undefined) return error
  switch (node.fn) {
    case 'sum':
      return sumOf(filled, column, node)
    case 'average':
      return averageOf(filled, column)
    case 'min':
    case 'max':
      return extremeOf(node, filled)
    case 'count-rows':
      return values.length
    case 'var-s':
    case 'var-p':
    case 'stdev-s':
    case 'stdev-p':
      return spreadOf(node.fn, filled, column)
    default:
      return orderStatistic(node.fn, column.type ?? { type: 'int' }, node.args)(rankedOf(filled), args)
  }
}

/** The values in order, once more from nothing. */
function spreadOf(fn: SpreadFunction, values: readonly Value[], column: ExprType): Value {
  let sum = Decimal.ZERO
  let squares = Decimal.ZERO
  for (const value of values) {
    const one = isNumber(value) ? toDecimal(value) : Decimal.ZERO
    const [nextSum, square] = [sum.add(one), one.mul(one)]
    const nextSquares = square === null ? null : squares.add(square)
    if (nextSum === null || nextSquares === null) return NUM
    sum = nextSum
    squares = nextSquares
  }
  return spread(fn, values.length, sum, squares, column.type ?? { type: 'int' })
}

function sumOf(values: readonly Value[], column: ExprType, result: ExprType): Value {
  const lane = laneOf(result.type) ?? 'int'
  const read = laneReader(column.type, lane)
  let sum: AnyNumber | ReturnType<typeof read> = lane === 'bigint' ? 0n : lane === 'decimal' ? Decimal.ZERO : 0
  for (const value of values) {
    const number = read(value)
    if (isCellError(number) || isCellError(sum)) return number
    sum = ADD[lane](sum, number)
  }
  return sum
}

function averageOf(values: readonly Value[], column: ExprType): Value {
  if (values.length === 0) return DIV0
  if (column.type?.type === 'double') return double((values as number[]).reduce((sum, one) => sum + one, 0) / values.length)
  let sum = Decimal.ZERO
  for (const value of values) {
    const next = isNumber(value) ? sum.add(toDecimal(value)) : null
    if (next === null) return NUM
    sum = next
  }
  return divideDecimal(sum, Decimal.of(values.length, 0))
}

function extremeOf(node: ExprOf<'aggregate'>, values: readonly Value[]): Value {
  const sign = node.fn === 'min' ? 1 : -1
  const best = values.reduce<Value>((kept, one) => (kept === null || compareValues(one, kept) * sign < 0 ? one : kept), null)
  if (best !== null || node.nullable) return best
  const lane = laneOf(node.type)
  return lane === 'bigint' ? 0n : lane === 'decimal' ? Decimal.ZERO : 0
}
