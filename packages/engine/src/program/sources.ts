import type { ClockUnit } from '@sheetflow/formula/bound'
import type { AggregateIndex, Grouping } from '../operators/aggregate-index.ts'
import type { LookupIndex } from '../operators/lookup-index.ts'
import type { Thunk } from '../operators/map-nodes.ts'
import type { Relation } from '../operators/relation.ts'
import type { WholeColumns } from '../operators/whole-columns.ts'

/** What the plan of a sheet asks of its program: other relations, indexes that are shared by all who want the same, the day. */
export interface ProgramSources {
  /** A table, or a sheet that stands before this one: its operators have their place. */
  relation(id: string): Relation
  /** The name of a column. */
  columnName(id: string, column: number): string
  /** The lookup index on that column. */
  lookupIndex(id: string, column: number): LookupIndex
  /** The index of that key; `make` says what it groups, if it is the first who asks. */
  aggregateIndex(key: string, make: () => Grouping): AggregateIndex
  /** The array of that key; `make` makes it, if it is the first who asks. */
  wholeColumns(key: string, make: () => WholeColumns): WholeColumns
  /** Counts the steps: what was computed in another one may be wrong now. */
  step(): number
  /** The day or minute in the workbook's zone, and whether it is another than before the step. */
  today(workbook: string, unit: ClockUnit): { readonly value: Thunk; readonly changed: () => boolean }
}
