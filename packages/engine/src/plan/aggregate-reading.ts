import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { AggregateFunction, OrderFunction } from '@sheetflow/formula/bound'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { orderStatistic } from '@sheetflow/formula/value/order-statistics'
import { ColumnMeasure } from '../structures/column-measure.ts'
import { OrderedColumn } from '../operators/ordered-column.ts'
import type { Column } from '../state/column.ts'
import type { Lane } from '../state/lane.ts'
import { Records } from '../state/records.ts'
import type { RowStore } from '../state/row-store.ts'

/** Groups of rows of which columns are measured: an aggregate index, or the rows that one caller has looked at itself. */
interface Measured {
  measure(column: Column): ColumnMeasure
  ordered(column: Column): OrderedColumn
  rows(entry: number): number
}

/** How an aggregate's value is read off a group. */
export interface Reading {
  /** Says what must be measured, before the first row. */
  prepare(of: Measured): void
  /** `args`: the further arguments of the function, for the row that asks. */
  read(of: Measured, entry: number, args: readonly Value[]): Value
  /** As `read`, into cell 0 of a lane, for what needs no further arguments. False: it is no small number, `read` tells. */
  readonly write?: (of: Measured, entry: number, to: Lane) => boolean
}

/** `column` is null for `count-rows`. */
export function readingOf({ fn, args }: ExprOf<'aggregate'>, column: Column | null): Reading {
  if (column === null) return countRows()
  if (fn === 'min' || fn === 'max') return extremeReading(fn, column)
  return isOrderFunction(fn) ? statisticReading(fn, column, args) : measureReading(fn, column)
}

/** Does the function go by the order of the values? */
function isOrderFunction(fn: AggregateFunction): fn is OrderFunction {
  switch (fn) {
    case 'large':
    case 'small':
    case 'median':
    case 'percentile-inc':
    case 'percentile-exc':
    case 'quartile-inc':
    case 'quartile-exc':
    case 'rank-eq':
    case 'rank-avg':
      return true
    default:
      return false
  }
}

/** An error among the values is the answer. */
function orderReading(column: Column, read: (ordered: OrderedColumn, entry: number, args: readonly Value[]) => Value): Reading {
  return {
    prepare: (of) => {
      of.measure(column)
      of.ordered(column)
    },
    read: (of, entry, args) => of.measure(column).firstError(entry) ?? read(of.ordered(column), entry, args),
  }
}

function extremeReading(which: 'min' | 'max', column: Column): Reading {
  return {
    ...orderReading(column, (ordered, entry) => ordered.extreme(which, entry)),
    write: (of, entry, to) => of.measure(column).firstError(entry) === null && of.ordered(column).writeExtreme(which, entry, to),
  }
}

function statisticReading(fn: OrderFunction, column: Column, args: ExprOf<'aggregate'>['args']): Reading {
  const statistic = orderStatistic(fn, column.type, args)
  const reading = orderReading(column, (ordered, entry, values) => statistic(ordered.ranked(entry), values))
  if (fn !== 'rank-eq' && fn !== 'rank-avg') return reading
  // Errors go by the order of the arguments: the number that RANK ranks stands before the column.
  const read: Reading['read'] = (of, entry, values) => (isCellError(values[0]) ? values[0] : reading.read(of, entry, values))
  return { ...reading, read }
}

function measureReading(fn: Exclude<AggregateFunction, OrderFunction | 'min' | 'max'>, column: Column): Reading {
  const reading = (prepare: (measure: ColumnMeasure) => void, read: (measure: ColumnMeasure, entry: number) => Value): Reading => ({
    prepare: (of) => prepare(of.measure(column)),
    read: (of, entry) => read(of.measure(column), entry),
  })
  switch (fn) {
    case 'sum':
      return {
        ...reading(
          (measure) => measure.needSum(),
          (measure, entry) => measure.sum(entry),
        ),
        write: (of, entry, to) => of.measure(column).writeSum(entry, to),
      }
    case 'average':
      return reading(
        (measure) => measure.needSum(),
        (measure, entry) => measure.average(entry),
      )
    case 'var-s':
    case 'var-p':
    case 'stdev-s':
    case 'stdev-p':
      return reading(
        (measure) => measure.needSpread(),
        (measure, entry) => measure.spread(fn, entry),
      )
    case 'count':
      return reading(nothing, (measure, entry) => measure.count(entry))
    case 'counta':
      return reading(nothing, (measure, entry) => measure.counta(entry))
    case 'count-rows':
      return countRows()
  }
}

function countRows(): Reading {
  return {
    prepare: nothing,
    read: (of, entry) => of.rows(entry),
    write: (of, entry, to) => {
      to.setUnits(0, of.rows(entry), 0)
      return true
    },
  }
}

function nothing(): void {
  // Counts are always kept.
}

/** Rows that one caller has looked at, as a group of their own (entry 0). */
export class WalkedRows implements Measured {
  readonly #store: RowStore
  readonly #measures = new Map<Column, ColumnMeasure>()
  readonly #ordered = new Map<Column, OrderedColumn>()
  readonly #records = new Records()
  #count = 0

  constructor(store: RowStore) {
    this.#store = store
    this.#records.grow(1)
  }

  measure(column: Column): ColumnMeasure {
    return kept(this.#measures, column, () => new ColumnMeasure(column, this.#store, this.#records))
  }

  ordered(column: Column): OrderedColumn {
    return kept(this.#ordered, column, () => new OrderedColumn(column, this.#store))
  }

  rows(): number {
    return this.#count
  }

  add(slot: number): void {
    this.#count += 1
    for (const measure of this.#measures.values()) measure.insert(0, slot)
    for (const ordered of this.#ordered.values()) ordered.insert(0, slot)
  }
}

function kept<T>(map: Map<Column, T>, column: Column, make: () => T): T {
  if (!map.has(column)) map.set(column, make())
  return must(map.get(column))
}
