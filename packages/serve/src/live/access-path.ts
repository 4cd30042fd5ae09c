import { ALWAYS } from '@sheetflow/core/predicate'
import type { Predicate } from '@sheetflow/core/predicate'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { equalityKey, hasOwnSortKeys, isSortable, sortKey } from './sort-key.ts'
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

/** A way to a predicate. It holds only for rows that one of the paths leads from, and for those for which `rest` holds. No paths: for no row. */
export interface Access {
  readonly paths: readonly AccessPath[]
  readonly rest: Predicate
}

/** The cheapest way to a canonical predicate; null if there is none and it has to be tested for every row. */
export function accessTo(predicate: Predicate, columns: readonly ColumnSchema[], cost: PathCost): Access | null {
  switch (predicate.op) {
    case 'and':
      return cheapest(predicate.of, columns, cost)
    case 'or':
      return union(predicate, predicate.of, columns, cost)
    case 'eq':
      return equalPaths(columns, predicate.column, [predicate.value])
    case 'in':
      return equalPaths(columns, predicate.column, predicate.values)
    case 'blank':
      return equalPaths(columns, predicate.column, [null])
    case 'lt':
    case 'le':
      return rangePath(predicate, columns, null, predicate.value)
    case 'gt':
    case 'ge':
      return rangePath(predicate, columns, predicate.value, null)
    case 'between':
      return rangePath(predicate, columns, predicate.low, predicate.high)
    case 'prefix':
      return prefixPath(predicate, columns, predicate.value)
    case 'ne':
    case 'not':
      return null
  }
}

/** A predicate over one column. */
type Leaf = Extract<Predicate, { readonly column: string }>

/** The way to one operand, the others being left to test. */
function cheapest(operands: readonly Predicate[], columns: readonly ColumnSchema[], cost: PathCost): Access | null {
  let best: Access | null = null
  let bestCost = Infinity
  for (const operand of operands) {
    const access = accessTo(operand, columns, cost)
    if (access === null) continue
    const sum = access.paths.reduce((total, path) => total + cost(path), 0)
    if (sum >= bestCost) continue
    best = { paths: access.paths, rest: all([...operands.filter((other) => other !== operand), access.rest]) }
    bestCost = sum
  }
  return best
}

function union(predicate: Predicate, operands: readonly Predicate[], columns: readonly ColumnSchema[], cost: PathCost): Access | null {
  const paths: AccessPath[] = []
  let isExact = true
  for (const operand of operands) {
    const access = accessTo(operand, columns, cost)
    if (access === null || paths.length + access.paths.length > MAX_PATHS) return null
    paths.push(...access.paths)
    isExact &&= isAlways(access.rest)
  }
  return { paths, rest: isExact ? ALWAYS : predicate }
}

function equalPaths(columns: readonly ColumnSchema[], name: string, values: readonly JsonValue[]): Access | null {
  const column = columns.findIndex((c) => c.name === name)
  const type = columns[column]
  if (type === undefined || !isSortable(type) || values.length > MAX_PATHS) return null
  const paths: AccessPath[] = []
  for (const value of values) {
    const key = equalityKey(type, value)
    if (key !== undefined) paths.push({ kind: 'equal', column, key })
  }
  return { paths, rest: ALWAYS }
}

/** Bounds are taken as closed: the index finds a superset. A missing lower bound begins at Blank, the least value. */
function rangePath(predicate: Leaf, columns: readonly ColumnSchema[], low: JsonValue, high: JsonValue): Access | null {
  const column = columns.findIndex((c) => c.name === predicate.column)
  const type = columns[column]
  if (type === undefined || !isSortable(type)) return null
  const from = sortKey(type, low)
  const to = high === null ? null : sortKey(type, high)
  if (from === undefined || to === undefined) return null
  const isExact = hasOwnSortKeys(type) && predicate.op !== 'lt' && predicate.op !== 'gt'
  return { paths: [{ kind: 'range', column, low: from, high: to }], rest: isExact ? ALWAYS : predicate }
}

/** Every text that begins with a prefix lies between it and the next text of its length; without a next one there is no upper bound. */
function prefixPath(predicate: Leaf, columns: readonly ColumnSchema[], prefix: string): Access | null {
  const column = columns.findIndex((c) => c.name === predicate.column)
  const type = columns[column]
  const low = type === undefined || !isSortable(type) ? undefined : sortKey(type, prefix)
  if (typeof low !== 'string') return null
  return { paths: [{ kind: 'range', column, low, high: successor(low) }], rest: predicate }
}

/** Every one of them. */
function all(predicates: readonly Predicate[]): Predicate {
  const of = predicates.filter((predicate) => !isAlways(predicate))
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { op: 'and', of }
}

/** Does it hold for every row? */
export function isAlways(predicate: Predicate): boolean {
  return predicate.op === 'and' && predicate.of.length === 0
}

function successor(key: string): SortKey | null {
  for (let end = key.length - 1; end >= 0; end--) {
    const code = key.charCodeAt(end)
    if (code < 0xffff) return key.slice(0, end) + String.fromCharCode(code + 1)
  }
  return null
}
