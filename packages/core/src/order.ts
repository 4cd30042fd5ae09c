import { must } from './assert.ts'
import { comparatorFor } from './compare.ts'
import type { RowJson } from './message.ts'
import type { NamedColumn } from './predicate-claims.ts'
import type { OrderTerm } from './query-plan.ts'

/** Compares two rows: negative before, positive behind, 0 only for one key. */
export type RowComparator = (a: RowJson, b: RowJson) => number

/**
 * The order of a list over rows as arrays: term by term (`asc` Blank first, `desc` the exact reverse, Blank last), ties by the smaller key.
 * Names must be among `columns` (a bug otherwise).
 */
export function compareRows(order: readonly OrderTerm[], key: readonly string[], columns: readonly NamedColumn[]): RowComparator {
  const indexes = new Map(columns.map((column, index) => [column.name, index]))
  const ties = key.map((column): OrderTerm => ({ column, direction: 'asc' }))
  const terms = [...order, ...ties].map(({ column, direction }) => {
    const index = must(indexes.get(column), `rows are ordered by columns of their view, '${column}' is none`)
    return { index, compare: comparatorFor(must(columns[index])), sign: direction === 'asc' ? 1 : -1 }
  })
  return (a, b) => {
    for (const { index, compare, sign } of terms) {
      const difference = compare(a[index] ?? null, b[index] ?? null)
      if (difference !== 0) return difference * sign
    }
    return 0
  }
}
