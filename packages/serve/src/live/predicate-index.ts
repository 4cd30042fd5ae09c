import { must } from '@sheetflow/core/assert'
import type { RowJson } from '@sheetflow/core/message'
import type { Predicate } from '@sheetflow/core/predicate'
import type { TableSchema } from '@sheetflow/core/schema'
import { accessTo, isAlways } from './access-path.ts'
import type { AccessPath } from './access-path.ts'
import { EqualityColumn } from './equality-column.ts'
import { IntervalSet } from './interval-set.ts'
import { SharedPredicates } from './shared-predicates.ts'
import type { SharedPredicate } from './shared-predicates.ts'
import { sortKeyOf } from './sort-key.ts'
import type { KeyReader, SortKey } from './sort-key.ts'

/** What a change is for a predicate: bits of `match`'s answer. */
export const BEFORE = 1
export const AFTER = 2
const BOTH = 3

/** Called once for each item whose predicate holds before or after: `sides` is `BEFORE`, `AFTER` or both. */
export type MatchVisitor<T> = (item: T, sides: number) => void

/**
 * The predicates on one view, asked which of them hold for a row before and after a change (law 9: equal predicates are one item).
 *
 * Each predicate is found by the cheapest paths that its leaves offer (`access-path.ts`): values of a column in a hash, intervals in a tree. What
 * is found is tested, unless the path says all that the predicate says. Predicates without a path are tested at every change.
 */
export class PredicateIndex<T> {
  readonly #schema: TableSchema
  readonly #entries = new Map<T, Entry<T>>()
  readonly #equal = new Map<number, EqualityColumn<Entry<T>>>()
  readonly #ranges = new Map<number, RangeColumn<T>>()
  readonly #residual = new Set<Entry<T>>()
  readonly #shared: SharedPredicates
  /** The same columns as arrays, for the way that every change goes. */
  #equalColumns: readonly EqualityColumn<Entry<T>>[] = []
  #rangeColumns: readonly RangeColumn<T>[] = []
  readonly #touched: Entry<T>[] = []
  #stamp = 0
  #present = 0
  #before: RowJson | null = null
  #after: RowJson | null = null

  constructor(schema: TableSchema) {
    this.#schema = schema
    this.#shared = new SharedPredicates(schema)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Predicates that no path leads to. */
  get residualSize(): number {
    return this.#residual.size
  }

  /** `predicate` is canonical; `item` is not in the index yet. */
  add(item: T, predicate: Predicate): void {
    const access = accessTo(predicate, this.#schema.columns, (path) => this.#cost(path))
    const rest = access?.rest ?? predicate
    const entry = new Entry(item, access?.paths ?? [], isAlways(rest) ? null : this.#shared.take(rest))
    this.#entries.set(item, entry)
    if (access === null) this.#residual.add(entry)
    else for (const path of entry.paths) this.#place(entry, path)
  }

  remove(item: T): void {
    const entry = this.#entries.get(item)
    if (entry === undefined) return
    this.#entries.delete(item)
    this.#residual.delete(entry)
    if (entry.test !== null) this.#shared.give(entry.test)
    for (const path of entry.paths) this.#displace(entry, path)
  }

  /** Which predicates hold for `before` and which for `after`; null = there is no such row. */
  match(before: RowJson | null, after: RowJson | null, visit: MatchVisitor<T>): void {
    this.#stamp += 1
    this.#before = before
    this.#after = after
    this.#present = (before === null ? 0 : BEFORE) | (after === null ? 0 : AFTER)
    const touched = this.#touched
    touched.length = 0
    for (const column of this.#equalColumns) this.#probe(column, before, after)
    for (const column of this.#rangeColumns) this.#stab(column, before, after)
    if (this.#residual.size > 0) for (const entry of this.#residual) this.#hit(entry, BOTH)
    for (const entry of touched) if (entry.sides !== 0) visit(entry.item, entry.sides)
  }

  #probe(column: EqualityColumn<Entry<T>>, before: RowJson | null, after: RowJson | null): void {
    const was = before === null ? undefined : column.keyOf(before)
    const is = after === null ? undefined : column.keyOf(after)
    if (was === is) {
      if (is !== undefined) this.#hitAll(column.find(is), BOTH)
      return
    }
    if (is !== undefined) this.#hitAll(column.find(is), AFTER)
    if (was !== undefined) this.#hitAll(column.find(was), BEFORE)
  }

  #stab(column: RangeColumn<T>, before: RowJson | null, after: RowJson | null): void {
    const was = before === null ? undefined : column.keyOf(before)
    const is = after === null ? undefined : column.keyOf(after)
    if (was === is) {
      if (is !== undefined) column.intervals.stab(is, this.#hitBoth)
      return
    }
    if (is !== undefined) column.intervals.stab(is, this.#hitAfter)
    if (was !== undefined) column.intervals.stab(was, this.#hitBefore)
  }

  #hitAll(found: Entry<T> | readonly Entry<T>[] | undefined, sides: number): void {
    if (found === undefined) return
    if (found instanceof Entry) this.#hit(found, sides)
    else for (const entry of found) this.#hit(entry, sides)
  }

  readonly #hitBoth = (entry: Entry<T>): void => this.#hit(entry, BOTH)
  readonly #hitAfter = (entry: Entry<T>): void => this.#hit(entry, AFTER)
  readonly #hitBefore = (entry: Entry<T>): void => this.#hit(entry, BEFORE)

  /** A path led from these sides of the change to the entry. Several may: each side is tested once. */
  #hit(entry: Entry<T>, sides: number): void {
    if (entry.stamp !== this.#stamp) {
      entry.stamp = this.#stamp
      entry.sides = 0
      entry.tested = 0
      this.#touched.push(entry)
    }
    const { test } = entry
    if (test === null) {
      // A residual entry is reached from both sides, whether there is a row or not.
      entry.sides |= sides & this.#present
      return
    }
    const untested = sides & ~entry.tested
    entry.tested |= sides
    if ((untested & AFTER) !== 0 && this.#after !== null && test.holds(this.#after)) entry.sides |= AFTER
    if ((untested & BEFORE) !== 0 && this.#before !== null && test.holds(this.#before)) entry.sides |= BEFORE
  }

  /** An equality shared by many is worse than a range: the first of them to come do not know yet that they are many. */
  #cost(path: AccessPath): number {
    return path.kind === 'range' ? RANGE_COST : (this.#equal.get(path.column)?.count(path.key) ?? 0)
  }

  #place(entry: Entry<T>, path: AccessPath): void {
    const type = must(this.#schema.columns[path.column])
    if (path.kind === 'equal') {
      let column = this.#equal.get(path.column)
      if (column === undefined) {
        column = new EqualityColumn(type, path.column)
        this.#equal.set(path.column, column)
        this.#equalColumns = [...this.#equal.values()]
      }
      column.add(path.key, entry)
      return
    }
    let column = this.#ranges.get(path.column)
    if (column === undefined) {
      column = { keyOf: sortKeyOf(type, path.column), intervals: new IntervalSet() }
      this.#ranges.set(path.column, column)
      this.#rangeColumns = [...this.#ranges.values()]
    }
    column.intervals.insert(path.low, path.high, entry)
  }

  #displace(entry: Entry<T>, path: AccessPath): void {
    if (path.kind === 'equal') {
      const column = this.#equal.get(path.column)
      column?.remove(path.key, entry)
      if (column?.size === 0 && this.#equal.delete(path.column)) this.#equalColumns = [...this.#equal.values()]
      return
    }
    const column = this.#ranges.get(path.column)
    column?.intervals.remove(path.low, entry)
    if (column?.intervals.size === 0 && this.#ranges.delete(path.column)) this.#rangeColumns = [...this.#ranges.values()]
  }
}

/** Predicates that share one value of one column before a range of another column is the better way to them. */
const RANGE_COST = 64

class Entry<T> {
  readonly item: T
  readonly paths: readonly AccessPath[]
  /** What its paths do not say; null = they say all. */
  readonly test: SharedPredicate | null
  stamp = 0
  sides = 0
  tested = 0

  constructor(item: T, paths: readonly AccessPath[], test: SharedPredicate | null) {
    this.item = item
    this.paths = paths
    this.test = test
  }
}

interface RangeColumn<T> {
  readonly keyOf: KeyReader<SortKey>
  readonly intervals: IntervalSet<Entry<T>>
}
