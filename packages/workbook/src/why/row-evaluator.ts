import { isCellError } from '@sheetflow/core/cell-error'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { Expr, RelationId } from '@sheetflow/formula/bound'
import { PlainHost } from '@sheetflow/formula/calculator/plain-host'
import type { PlainTable } from '@sheetflow/formula/calculator/plain-table'
import { callArguments } from '@sheetflow/formula/compile/call-arguments'
import { compileExpr } from '@sheetflow/formula/compile/compile-expr'
import { MISSING } from '@sheetflow/formula/compile/compile-host'
import type { Compiled, CompileHost, ExprOf, RowReader } from '@sheetflow/formula/compile/compile-host'
import { resultForm } from '@sheetflow/formula/compile/result-form'
import {
  cellKeyOf,
  compareToKey,
  criteriaMatch,
  groupingOf,
  lookupKey,
  lookupPattern,
  matcherOf,
  nearKey,
} from '@sheetflow/formula/criteria'
import type { MatchKey } from '@sheetflow/formula/criteria'
import { BUSY } from '@sheetflow/formula/value/cell-errors'
import { clockValue } from '@sheetflow/formula/value/clock'
import type { Grid } from '@sheetflow/formula/value/grid'
import type { ReadableRows } from './readable-rows.ts'
import type { RelationInfo } from './relation-info.ts'

/** Nobody has told a time. */
const NO_TIME: Timestamp = { days: 0, micros: 0 }
/** Cells that nothing meets; no other key is this text. */
const NO_KEY = '\0none'

/**
 * Computes parts of formulas over the rows of one moment, and says which rows they see. Values come from the
 * definitions that everything else uses; nothing of the engine's indexes is asked.
 */
export class RowEvaluator {
  readonly #info: RelationInfo
  readonly #rows: ReadableRows
  readonly #indexes = new Map<string, ReadonlyMap<MatchKey, readonly number[]>>()

  constructor(info: RelationInfo, rows: ReadableRows) {
    this.#info = info
    this.#rows = rows
  }

  row(relation: RelationId, slot: number): RowReader {
    return { get: (column) => this.#rows.value(relation, slot, column) }
  }

  /** The value of a part, in the form in which a column would keep it. */
  evaluate(expr: Expr, row: RowReader): Value {
    const value = compileExpr(expr, this.#host)(row)
    return isCellError(value) ? value : (resultForm(expr)?.(value) ?? value)
  }

  /** The slot of the row that a lookup finds when it searches for that; −1: none. */
  found({ relation, key, mode }: ExprOf<'lookup'>, search: Value): number {
    if (isCellError(search)) return -1
    const pattern = mode === 2 ? lookupPattern(search) : null
    if (pattern !== null) return this.#rows.slots(relation).find((slot) => pattern.fits(this.#rows.value(relation, slot, key))) ?? -1
    const asked = lookupKey(search)
    const equal = asked === null ? undefined : this.#slotsBy('lookup', relation, key, lookupKey).get(asked)?.[0]
    return equal ?? (mode === 0 || mode === 2 ? -1 : this.#near(relation, this.#rows.slots(relation), key, search, mode))
  }

  /** The slots of the rows that an aggregate counts when its criteria have those values, in the order of the key. */
  counted({ relation, criteria }: ExprOf<'aggregate'>, values: readonly Value[]): readonly number[] {
    let slots: readonly number[] | null = null
    const tests: ((slot: number) => boolean)[] = []
    for (const [i, { op, column }] of criteria.entries()) {
      const { type } = this.#info.column(relation, column)
      const matcher = matcherOf(op, values[i] ?? null, type)
      if (matcher.kind === 'equals' && slots === null)
        slots = this.#slotsBy(groupingOf(op), relation, column, cellKeyOf(op)).get(matcher.key) ?? []
      else {
        const meets = criteriaMatch(op, values[i] ?? null, type)
        tests.push((slot) => meets(this.#rows.value(relation, slot, column)))
      }
    }
    return (slots ?? this.#rows.slots(relation)).filter((slot) => tests.every((meets) => meets(slot)))
  }

  readonly #host: CompileHost = {
    lookup: (node, search) => (row) => {
      const wanted = search(row)
      if (isCellError(wanted)) return wanted
      const slot = this.found(node, wanted)
      return slot < 0 ? MISSING : this.#rows.value(node.relation, slot, node.result)
    },
    aggregate: (node, criteria, args) => (row) => {
      const slots = this.counted(
        node,
        criteria.map((one) => one(row)),
      )
      const read = new Set(node.column === null ? [] : [node.column])
      // The rows are chosen: what is left to do is the sum.
      return new PlainHost(() => this.#table(node.relation, slots, read), NO_TIME).aggregate({ ...node, criteria: [] }, [], args)(row)
    },
    columns: (node) => (): Grid =>
      new PlainHost(() => this.#table(node.relation, this.#rows.slots(node.relation), new Set(node.columns)), NO_TIME).columns(node)(),
    named: ({ view, column }): Compiled => {
      const slot = this.#rows.slots(view)[0] ?? -1
      return () => (slot < 0 ? null : this.#rows.value(view, slot, column))
    },
    // What a row shows while it waits is in its cell alone; the answer is what the call is explained by.
    async: (node, args) => {
      const read = callArguments(node)
      return (row) => {
        const asked = read(args.map((arg) => arg(row)))
        return isCellError(asked) ? asked : (this.#rows.answer(node, asked) ?? BUSY)
      }
    },
    clock: ({ workbook, unit }) => {
      const now = this.#rows.now(workbook)
      return () => (now === null ? null : clockValue(now, unit))
    },
  }

  /** The rows by what is in that column, each list in the order of the key. Made once: the rows are those of one moment. */
  #slotsBy(
    kind: 'lookup' | ReturnType<typeof groupingOf>,
    relation: RelationId,
    column: number,
    keyOf: (cell: Value) => MatchKey | null,
  ): ReadonlyMap<MatchKey, readonly number[]> {
    const id = `${kind} ${relation} ${column}`
    const known = this.#indexes.get(id)
    if (known !== undefined) return known
    const index = Map.groupBy(this.#rows.slots(relation), (slot) => keyOf(this.#rows.value(relation, slot, column)) ?? NO_KEY)
    index.delete(NO_KEY)
    this.#indexes.set(id, index)
    return index
  }

  /** As `nearest` of the calculator: the closest key on that side; of equal ones the row with the smallest key. */
  #near(relation: RelationId, slots: readonly number[], column: number, search: Value, mode: -1 | 1): number {
    const asked = nearKey(search, this.#info.column(relation, column).type, mode)
    if (asked === null) return -1
    let best = -1
    for (const slot of slots) {
      const cell = this.#rows.value(relation, slot, column)
      const side = compareToKey(cell, asked)
      if (Number.isNaN(side) || side * mode < 0) continue
      const held = best < 0 ? null : nearKey(this.#rows.value(relation, best, column), null, mode)
      if (held === null || compareToKey(cell, held) * mode < 0) best = slot
    }
    return best
  }

  #table(id: RelationId, slots: readonly number[], read: ReadonlySet<number>): PlainTable {
    const columns = this.#info.columns(id)
    const key = this.#info.key(id)
    const rows = slots.map((slot) =>
      columns.map((_, column) => (read.has(column) || key.includes(column) ? this.#rows.value(id, slot, column) : null)),
    )
    return { id, columns, key, rows }
  }
}
