import type { DeadLetters } from '@sheetflow/core/dead-letter'
import type { Deployment, RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { SavedShown } from './calls.ts'
import type { SavedEdits } from './edits.ts'
import type { MissingBase, SavedTables } from './source-tables.ts'
import type { SavedViews } from './views.ts'

/** The small state of a graph, for checkpoints: everything but the rows of tables. */
export interface GraphMeta {
  readonly now: string
  readonly active: SavedDeployment | null
  readonly prepared: SavedDeployment | null
  readonly waiting: (DeployProblem & { readonly deployment: Deployment }) | null
  /** Told to be activated, and not yet: as soon as it is prepared, or with the next step. */
  readonly activateSoon: string | null
  readonly tables: SavedTables
  readonly views: SavedViews
  readonly receipts: readonly RowJson[]
  readonly missing: readonly MissingBase[]
  readonly edits: readonly SavedEdits[]
  /** Absent: of a time before there were any. */
  readonly letters?: DeadLetters
  /** Of rows that wait for the answer of a function. The answers are pages of their own. Absent: of a time before there were any. */
  readonly shown?: readonly SavedShown[]
}

/** A deployment with the schemas that it was compiled against. */
export interface SavedDeployment {
  readonly deployment: Deployment
  readonly schemas: readonly (readonly [string, TableSchema])[]
}

/** A deployment that does not compile, for logs. */
export interface DeployProblem {
  readonly version: string
  readonly problems: readonly string[]
}
