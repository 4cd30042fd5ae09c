import type { Column } from '../state/column.ts'
import type { RowStore } from '../state/row-store.ts'
import type { SlotSet } from '../state/slot-set.ts'
import type { FanOut, Traffic } from '../structures/traffic.ts'

/**
 * Rows that operators read: a source table, a sheet, the data in a sheet's file. A row is a slot of `store`; relations that come from each
 * other share slots, keys and input columns (a filtered sheet is a set of slots of its table, not a copy).
 *
 * Inside a step: `changes` holds every slot that may differ from before it; for each, `wasLive`/`isLive` and the columns' before and now tell
 * what happened. Valid from when the relation's own operators have run until `finish`.
 */
export interface Relation {
  readonly store: RowStore
  /** By index in the bound relation; undefined where nothing uses the column. */
  readonly columns: readonly (Column | undefined)[]
  readonly changes: SlotSet
  /** Live rows. */
  readonly count: number
  isLive(slot: number): boolean
  wasLive(slot: number): boolean
}

/**
 * One operator of a program. `run` is called once a step, after everything that it reads has run (topological order); it must leave its
 * results as a recomputation from the present rows would (law 2), whatever happened in the step. `finish` ends the step: what was kept
 * about before is forgotten.
 */
export interface Operator {
  /** What has gone through it. */
  readonly traffic: Traffic
  run(): void
  finish(): void
  /** The program is no more: gives back what it keeps in the records of rows that others keep too. */
  release?(): void
  /** For people and metrics. */
  describe(): OperatorInfo
  /** Of an index that was filled before, between steps: keeps what has been asked for since of the rows that are there. */
  refill?(): void
  /** Of an index: forgets what was asked for of other columns than these. */
  keepOnly?(columns: ReadonlySet<Column>): void
}

/** What an operator is and holds. */
export interface OperatorInfo {
  readonly kind: string
  readonly on: string
  /** Rows, keys or groups held. */
  readonly size: number
  /** Rows that are left out because a value that they go by is an error. */
  readonly skipped?: number
  /** Of the answers of a function: how many are not there yet. */
  readonly waiting?: number
  /** The formulas that share it (`sales.customers[spent]`), where it is one that they may share. */
  readonly askedBy?: readonly string[]
  /** Bytes of the numbers that it keeps of its rows, keys or groups (texts, which all share, are not among them). Absent: it keeps nothing of them. */
  readonly bytes?: number
  /** Of an index that somebody asks. Absent: nobody was called yet. */
  readonly worst?: FanOut
}

/** An operator that runs, with what has gone through it; what formulas have in common has no operator of its own. */
export interface RunningOperator extends OperatorInfo {
  readonly traffic: Traffic | null
}
