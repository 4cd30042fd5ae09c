import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { RowJson } from '@sheetflow/core/message'
import type { Predicate } from '@sheetflow/core/predicate'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { accessPaths } from './access-path.ts'
import type { AccessPath, EqualityKey } from './access-path.ts'
import { IntervalTree } from './interval-tree.ts'
import type { IntervalNode } from './interval-tree.ts'
import { equalityKey, sortKey } from './sort-key.ts'

/** What a change is for a predicate: bits of `match`'s answer. */
export const BEFORE = 1
export const AFTER = 2

/** Called once for each item whose predicate holds before or after: `sides` is `BEFORE`, `AFTER` or both. */
export type MatchVisitor<T> = (item: T, sides: number) => void

/** The predicates on one view, asked which of them hold for a row before and after a change (law 9: equal predicates are one item). */
export class PredicateIndex<T> {
  readonly #schema: TableSchema
  readonly #entries = new Map<T, Entry<T>>()
  readonly #equal: (EqualColumn<T> | undefined)[] = []
  readonly #ranges: (RangeColumn<T> | undefined)[] = []
  readonly #residual = new Set<Entry<T>>()
  readonly #touched: Entry<T>[] = []
  #stamp = 0
  #before: RowJson | null = null
  #after: RowJson | null = null

  constructor(schema: TableSchema) {
    this.#schema = schema
  }

  get size(): number {
    return this.#entries.size
  }

  /** Predicates that no index finds: each of them is tested at every change. */
  get residualSize(): number {
    return this.#residual.size
  }

  /** `predicate` is canonical; `item` is not in the index yet. */
  add(item: T, predicate: Predicate): void {
    const entry = new Entry(item, compileRowPredicate(predicate, this.#schema))
    this.#entries.set(item, entry)
    const paths = accessPaths(predicate, this.#schema.columns, (path) => this.#cost(path))
    if (paths === null) this.#residual.add(entry)
    else for (const path of paths) entry.places.push(this.#place(entry, path))
  }

  remove(item: T): void {
    const entry = this.#entries.get(item)
    if (entry === undefined) return
    this.#entries.delete(item)
    this.#residual.delete(entry)
    for (const place of entry.places) this.#displace(entry, place)
  }

  /** Which predicates hold for `before` and which for `after`; null = there is no such row. */
  match(before: RowJson | null, after: RowJson | null, visit: MatchVisitor<T>): void {
    this.#stamp += 1
    this.#before = before
    this.#after = after
    const touched = this.#touched
    touched.length = 0
    for (const column of this.#equal) if (column !== undefined) this.#probe(column)
    for (const column of this.#ranges) if (column !== undefined) this.#stab(column)
    for (const entry of this.#residual) this.#test(entry)
    for (const entry of touched) if (entry.sides !== 0) visit(entry.item, entry.sides)
  }

  #probe(column: EqualColumn<T>): void {
    const before = this.#before === null ? undefined : keyOf(column, this.#before)
    const after = this.#after === null ? undefined : keyOf(column, this.#after)
    if (after !== undefined) this.#testAll(column.buckets.get(after))
    if (before !== undefined && before !== after) this.#testAll(column.buckets.get(before))
  }

  #stab(column: RangeColumn<T>): void {
    const before = this.#before === null ? undefined : sortKey(column.type, cell(this.#before, column.index))
    const after = this.#after === null ? undefined : sortKey(column.type, cell(this.#after, column.index))
    if (after !== undefined) column.tree.stab(after, this.#test)
    if (before !== undefined && before !== after) column.tree.stab(before, this.#test)
  }

  #testAll(bucket: readonly Entry<T>[] | undefined): void {
    if (bucket !== undefined) for (const entry of bucket) this.#test(entry)
  }

  /** Tests both sides of an entry once per change, however many paths led to it. */
  readonly #test = (entry: Entry<T>): void => {
    if (entry.stamp === this.#stamp) return
    entry.stamp = this.#stamp
    const before = this.#before !== null && entry.holds(this.#before) ? BEFORE : 0
    const after = this.#after !== null && entry.holds(this.#after) ? AFTER : 0
    entry.sides = before | after
    this.#touched.push(entry)
  }

  /** An equality shared by many is worse than a range: the first of them to come do not know yet that they are many. */
  #cost(path: AccessPath): number {
    if (path.kind === 'range') return RANGE_COST
    return this.#equal[path.column]?.buckets.get(path.key)?.length ?? 0
  }

  #place(entry: Entry<T>, path: AccessPath): Place<T> {
    if (path.kind === 'equal') {
      const column = (this.#equal[path.column] ??= { index: path.column, type: this.#column(path.column), buckets: new Map() })
      const bucket = column.buckets.get(path.key)
      if (bucket === undefined) column.buckets.set(path.key, [entry])
      else bucket.push(entry)
      return { kind: 'equal', column: path.column, key: path.key }
    }
    const column = (this.#ranges[path.column] ??= { index: path.column, type: this.#column(path.column), tree: new IntervalTree() })
    return { kind: 'range', column: path.column, node: column.tree.insert(path.low, path.high, entry) }
  }

  #displace(entry: Entry<T>, place: Place<T>): void {
    if (place.kind === 'equal') {
      const column = this.#equal[place.column]
      const bucket = column?.buckets.get(place.key)
      if (column === undefined || bucket === undefined) return
      const at = bucket.indexOf(entry)
      if (at !== -1) bucket.splice(at, 1)
      if (bucket.length === 0) column.buckets.delete(place.key)
      if (column.buckets.size === 0) this.#equal[place.column] = undefined
      return
    }
    const column = this.#ranges[place.column]
    column?.tree.remove(place.node)
    if (column?.tree.size === 0) this.#ranges[place.column] = undefined
  }

  #column(index: number): ColumnSchema {
    return this.#schema.columns[index] as ColumnSchema
  }
}

/** Predicates that share one value of one column before a range of another column is the better way to them. */
const RANGE_COST = 64

class Entry<T> {
  readonly item: T
  readonly holds: (row: RowJson) => boolean
  readonly places: Place<T>[] = []
  stamp = 0
  sides = 0

  constructor(item: T, holds: (row: RowJson) => boolean) {
    this.item = item
    this.holds = holds
  }
}

type Place<T> =
  | { readonly kind: 'equal'; readonly column: number; readonly key: EqualityKey }
  | { readonly kind: 'range'; readonly column: number; readonly node: IntervalNode<Entry<T>> }

interface EqualColumn<T> {
  readonly index: number
  readonly type: ColumnSchema
  readonly buckets: Map<EqualityKey, Entry<T>[]>
}

interface RangeColumn<T> {
  readonly index: number
  readonly type: ColumnSchema
  readonly tree: IntervalTree<Entry<T>>
}

function keyOf<T>(column: EqualColumn<T>, row: RowJson): EqualityKey | undefined {
  return equalityKey(column.type, cell(row, column.index))
}

function cell(row: RowJson, index: number): JsonValue {
  return row[index] as JsonValue
}
