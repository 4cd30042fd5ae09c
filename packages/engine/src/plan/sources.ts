import type { ClockUnit, RelationId } from '@sheetflow/formula/bound'
import type { AggregateIndex, Grouping } from '../operators/aggregate-index.ts'
import type { CalledFunction, CallIndex } from '../operators/call-index.ts'
import type { CallNode, CallPlace } from '../operators/call-node.ts'
import type { LookupIndex } from '../operators/lookup-index.ts'
import type { Relation } from '../operators/relation.ts'
import type { WholeColumns } from '../operators/whole-columns.ts'
import type { FormulaFaults } from '../program/formula-faults.ts'
import type { StepClock, ZoneClock } from '../program/step-clock.ts'

/** What the plan of a sheet asks of its program: other relations, indexes that are shared by all who want the same, the day. */
export interface ProgramSources {
  /** A table, or a sheet that stands before this one: its operators have their place. */
  relation(id: string): Relation
  /** The name of a column. */
  columnName(id: string, column: number): string
  /** The lookup index on that column. */
  lookupIndex(id: string, column: number): LookupIndex
  /** The index of that key, over the rows of `on`; `make` says what it groups, if it is the first who asks. */
  aggregateIndex(key: string, on: RelationId, make: () => Grouping): AggregateIndex
  /** The array of that key; `make` makes it, if it is the first who asks. */
  wholeColumns(key: string, on: RelationId, make: () => WholeColumns): WholeColumns
  readonly clock: StepClock
  /** Hears of formulas that fail inside. */
  readonly faults: FormulaFaults
  /** Does any formula of the graph call a function that answers later? */
  readonly callsFunctions: boolean
  /** The answers of that function. */
  callIndex(called: CalledFunction): CallIndex
  /** What the call of that name has to know of its graph. */
  callPlace(name: string): Pick<CallPlace, 'moved' | 'before'>
  /** Told of a call of the sheet that is planned. */
  addCall(node: CallNode): void
  /** The day or minute in the workbook's zone. */
  zoneClock(workbook: string, unit: ClockUnit): ZoneClock
}
