import type { DeadLetters } from '@sheetflow/core/dead-letter'
import type { Cause, ViewStatus } from '@sheetflow/core/message'
import type { StepRows, ViewChanges } from '../program/view-changes.ts'
import type { SheetSchema } from '@sheetflow/core/schema'

/** What one step did to one view. `Rows`: the form in which its changes were taken from the engine. */
export interface ViewStep<Rows = StepRows> {
  readonly view: string
  /** The number that its row messages carry. */
  readonly schema: number
  /** Comes first in the transaction. With a new generation `rows` are all `c` and replace everything; with the same one it only tells the status. */
  readonly control: { readonly generation: number; readonly status: ViewStatus } | null
  /** Published with each new generation. */
  readonly newSchema: SheetSchema | null
  readonly rows: Rows
}

/** A view's step before its changes have a form. */
export type ViewChange = ViewStep<ViewChanges>

/** One step as it is published: views sorted by name, those to which nothing happened left out. */
export interface StepOutput<Rows = StepRows> {
  /** The greatest commit time of the step's inputs. */
  readonly at: string
  readonly causes: readonly Cause[]
  readonly views: readonly ViewStep<Rows>[]
  /** How the dead letters stand, if this step has changed that. */
  readonly letters: DeadLetters | null
}

/** Nothing that a reader would see? */
export function isEmpty(output: StepOutput<unknown>): boolean {
  return output.views.length === 0 && output.causes.length === 0 && output.letters === null
}
