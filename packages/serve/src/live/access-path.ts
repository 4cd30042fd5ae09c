import type { Predicate } from '@sheetflow/core/predicate'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { equalityKey, isSortable, sortKey } from './sort-key.ts'
import type { SortKey } from './sort-key.ts'

/** The value under which a hash index finds a predicate. */
export type EqualityKey = string | number | boolean | null

/**
 * One way to find a predicate from a row: by the exact value of a column, or by an interval that the column's value lies in.
 * A predicate is found by a list of paths: it can hold only for rows that lead to at least one of them.
 */
export type AccessPath =
  | { readonly kind: 'equal'; readonly column: number; readonly key: EqualityKey }
  /** Closed; `high` null = no upper bound. */
  | { readonly kind: 'range'; readonly column: number; readonly low: SortKey; readonly high: SortKey | null }

/** More paths than this and the predicate is tested row by row instead. */
const MAX_PATHS = 64

/** What one path costs at each change, as far as the index knows: the predicates that share it. */
export type PathCost = (path: AccessPath) => number

/**
 * The cheapest paths to a canonical predicate; null if it can be found by none and has to be tested for every row.
 * An empty list: it holds for no row at all.
 */
export function accessPaths(predicate: Predicate, columns: readonly ColumnSchema[], cost: PathCost): readonly AccessPath[] | null {
  switch (predicate.op) {
    case 'and':
      return cheapest(
        predicate.of.map((operand) => accessPaths(operand, columns, cost)),
        cost,
      )
    case 'or':
      return union(predicate.of.map((operand) => accessPaths(operand, columns, cost)))
    case 'eq':
      return equalPaths(columns, predicate.column, [predicate.value])
    case 'in':
      return equalPaths(columns, predicate.column, predicate.values)
    case 'blank':
      return equalPaths(columns, predicate.column, [null])
    case 'lt':
    case 'le':
      return rangePath(columns, predicate.column, null, predicate.value)
    case 'gt':
    case 'ge':
      return rangePath(columns, predicate.column, predicate.value, null)
    case 'between':
      return rangePath(columns, predicate.column, predicate.low, predicate.high)
    case 'prefix':
      return prefixPath(columns, predicate.column, predicate.value)
    case 'ne':
    case 'not':
      return null
  }
}

type Paths = readonly AccessPath[] | null

function cheapest(candidates: readonly Paths[], cost: PathCost): Paths {
  let best: Paths = null
  let bestCost = Infinity
  for (const paths of candidates) {
    if (paths === null) continue
    const sum = paths.reduce((total, path) => total + cost(path), 0)
    if (sum < bestCost) {
      best = paths
      bestCost = sum
    }
  }
  return best
}

function union(operands: readonly Paths[]): Paths {
  const all: AccessPath[] = []
  for (const paths of operands) {
    if (paths === null || all.length + paths.length > MAX_PATHS) return null
    all.push(...paths)
  }
  return all
}

function equalPaths(columns: readonly ColumnSchema[], name: string, values: readonly JsonValue[]): Paths {
  const column = columns.findIndex((c) => c.name === name)
  const type = columns[column]
  if (type === undefined || !isSortable(type) || values.length > MAX_PATHS) return null
  const paths: AccessPath[] = []
  for (const value of values) {
    const key = equalityKey(type, value)
    if (key !== undefined) paths.push({ kind: 'equal', column, key })
  }
  return paths
}

/** Bounds are taken as closed: the index finds a superset. A missing lower bound begins at Blank, the least value. */
function rangePath(columns: readonly ColumnSchema[], name: string, low: JsonValue, high: JsonValue): Paths {
  const column = columns.findIndex((c) => c.name === name)
  const type = columns[column]
  if (type === undefined || !isSortable(type)) return null
  const from = sortKey(type, low)
  const to = high === null ? null : sortKey(type, high)
  return from === undefined || to === undefined ? null : [{ kind: 'range', column, low: from, high: to }]
}

/** Every text that begins with `prefix` lies between it and the next text of its length; without a next one there is no upper bound. */
function prefixPath(columns: readonly ColumnSchema[], name: string, prefix: string): Paths {
  const paths = rangePath(columns, name, prefix, null)
  const path = paths?.[0]
  if (path?.kind !== 'range' || typeof path.low !== 'string') return null
  return [{ ...path, high: successor(path.low) }]
}

function successor(key: string): SortKey | null {
  for (let end = key.length - 1; end >= 0; end--) {
    const code = key.charCodeAt(end)
    if (code < 0xffff) return key.slice(0, end) + String.fromCharCode(code + 1)
  }
  return null
}
