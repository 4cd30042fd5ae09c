import type { RelationId } from '@sheetflow/formula/bound'
import type { AggregateIndex } from '../operators/aggregate-index.ts'
import type { CallIndex } from '../operators/call-index.ts'
import type { CallNode } from '../operators/call-node.ts'
import type { DerivedRows } from '../operators/derived-rows.ts'
import type { LookupIndex } from '../operators/lookup-index.ts'
import type { Operator } from '../operators/relation.ts'
import type { RowMap } from '../operators/row-map.ts'
import type { Sheet } from '../operators/sheet.ts'
import type { StoreRelation } from '../operators/store-relation.ts'
import type { WholeColumns } from '../operators/whole-columns.ts'
import type { ZoneClock } from './step-clock.ts'

/** The operator of an index that all formulas of a program may ask. */
export type SharedIndex = Operator & (LookupIndex | AggregateIndex | WholeColumns)

/** An index that all formulas of a program may ask. */
export interface IndexPart {
  readonly kind: 'index'
  /** Equal for indexes that hold the same. */
  readonly key: string
  readonly operators: readonly [SharedIndex]
  /** The relation whose rows it holds. */
  readonly on: RelationId
  /** The sheet in whose plan the values of its constant criteria are computed; null: it stands by itself. */
  readonly maker: RelationId | null
  /** What it is on, for people. */
  readonly name: string
}

/** One sheet with its operators: what a step runs together, and what a later program takes over whole or not at all. */
export interface SheetPart {
  readonly kind: 'sheet'
  readonly view: RelationId
  /** Equal for sheets that compute the same of the same; see `sheet-hash.ts`. */
  readonly key: string
  readonly relation: Sheet
  /** In the order in which they run; indexes over this very sheet are among them. */
  readonly operators: readonly Operator[]
  readonly maps: readonly RowMap[]
  /** Rows that its operators make of others. */
  readonly derived: readonly DerivedRows[]
  /** Rows of its own. */
  readonly rows: StoreRelation | null
  /** The formulas (`sales.customers[spent]`) that ask an index. */
  readonly asked: ReadonlyMap<IndexPart, ReadonlySet<string>>
  /** The formulas that call a function. */
  readonly called: ReadonlyMap<CallIndex, ReadonlySet<string>>
  readonly calls: readonly CallNode[]
  readonly clocks: ReadonlySet<ZoneClock>
  readonly shared: readonly SharedText[]
}

/** A part that formulas have in common, for people: its text, and the formulas. */
export interface SharedText {
  readonly text: string
  readonly formulas: readonly string[]
}

/** What a program is made of. */
export type Part = SheetPart | IndexPart

/**
 * The sheet is gone: its texts are forgotten, and the indexes that others go on to ask lose it as a caller, as the answers of functions always do. Its operators have
 * ended their step.
 */
export function releaseSheet({ asked, calls, maps, operators, derived, rows }: SheetPart, goesOn: (part: Part) => boolean): void {
  if (calls.length > 0 || [...asked.keys()].some(goesOn)) for (const map of maps) map.leaveAll()
  for (const operator of operators) operator.release?.()
  for (const one of derived) one.release()
  rows?.store.release()
}
