import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { BoundGraph } from '@sheetflow/formula/bound'

/** What happens at once: changes of tables, in order, and the time from then on. */
export interface EvaluationStep {
  readonly changes: readonly { readonly table: string; readonly rows: readonly RowChange[] }[]
  /** ISO time, UTC. */
  readonly now?: string
}

/** All rows of every sheet, by column name in JSON form. */
export type EvaluatedRows = Readonly<Record<string, readonly Readonly<Record<string, JsonValue>>[]>>

/**
 * Runs a graph over given rows and then step by step: the engine's `evaluateSheets`, given by the host. `given`: rows by table id in the order
 * of the table's schema. The answer has the sheets after `given`, then after each step.
 */
export type Evaluate = (
  graph: BoundGraph,
  given: Readonly<Record<string, readonly RowJson[]>>,
  steps: readonly EvaluationStep[],
  now: string,
) => readonly EvaluatedRows[]
