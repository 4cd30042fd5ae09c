import { must } from './assert.ts'
import { comparatorFor } from './compare.ts'
import type { RowJson } from './message.ts'
import type { NamedColumn } from './predicate-claims.ts'
import type { OrderTerm } from './query-plan.ts'
import type { JsonValue } from './value.ts'

/** Compares two rows: negative before, positive behind, 0 only for one key. */
export type RowComparator<Row> = (a: Row, b: Row) => number

/**
 * The order of a list over rows as arrays: term by term (`asc` Blank first, `desc` the exact reverse, Blank last), ties by the smaller key.
 * Names must be among `columns` (a bug otherwise).
 */
export function compareRows(order: readonly OrderTerm[], key: readonly string[], columns: readonly NamedColumn[]): RowComparator<RowJson> {
  const indexes = new Map(columns.map((column, index) => [column.name, index]))
  return comparator(order, key, columns, (name) => {
    const index = must(indexes.get(name), `rows are ordered by columns of their view, '${name}' is none`)
    return (row) => row[index] ?? null
  })
}

/** The same over rows as objects by column name; a column that is absent is Blank. */
export function compareRecords(
  order: readonly OrderTerm[],
  key: readonly string[],
  columns: readonly NamedColumn[],
): RowComparator<Readonly<Record<string, JsonValue>>> {
  return comparator(order, key, columns, (name) => (row) => row[name] ?? null)
}

function comparator<Row>(
  order: readonly OrderTerm[],
  key: readonly string[],
  columns: readonly NamedColumn[],
  reader: (name: string) => (row: Row) => JsonValue,
): RowComparator<Row> {
  const types = new Map(columns.map((column) => [column.name, column]))
  const ties = key.map((column): OrderTerm => ({ column, direction: 'asc' }))
  const terms = [...order, ...ties].map(({ column, direction }) => ({
    read: reader(column),
    compare: comparatorFor(must(types.get(column), `rows are ordered by columns of their view, '${column}' is none`)),
    sign: direction === 'asc' ? 1 : -1,
  }))
  return (a, b) => {
    for (const { read, compare, sign } of terms) {
      const difference = compare(read(a), read(b))
      if (difference !== 0) return difference * sign
    }
    return 0
  }
}
