import type { Deployment } from '@sheetflow/core/message'
import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { BoundGraph } from '@sheetflow/formula/bound'
import type { WorkbookDiagnostic } from '../diagnostic.ts'

/** What a graph is compiled from. */
export interface CompileInput {
  /** Path inside the workbooks folder (`sales/open_orders.sheet.yaml`) → text; all workbooks of the graph. */
  readonly files: Readonly<Record<string, string>>
  /** `source!schema.table` → its schema. */
  readonly tables: ReadonlyMap<string, TableSchema>
  /** Of a deployment: what its names stood for. Names that are not in it go by the schemas. */
  readonly ids?: Deployment['ids']
  readonly tableIds?: NonNullable<Deployment['tableIds']>
  readonly sheetNames?: NonNullable<Deployment['sheetNames']>
  /** Sheets that the running deployment has and these files have not, not even under another name: `workbook.sheet` → names of sheets that are new in the workbook. For messages. */
  readonly goneSheets?: Readonly<Record<string, readonly string[]>>
  /** Asynchronous functions that formulas may call. Absent: none. */
  readonly functions?: FunctionSignatures
}

/** What the files use of a table: another key or type is another graph, under the same names. */
export interface UsedTable {
  /** Number of its schema. */
  readonly schema: number
  readonly shape: {
    /** Ids of its columns, in order. */
    readonly key: readonly number[]
    /** By id; not those that are gone. */
    readonly columns: Readonly<Record<number, ColumnType & { readonly null: boolean }>>
  }
}

/** A graph, or null if an error is among the diagnostics. */
export interface CompileOutput {
  readonly graph: BoundGraph | null
  readonly diagnostics: readonly WorkbookDiagnostic[]
  /** What the names in the files stand for: `source!schema.table` → column name → id, for a deployment. */
  readonly ids: Deployment['ids']
  readonly tableIds: NonNullable<Deployment['tableIds']>
  /** The tables of `ids`, as they are now. */
  readonly used: Readonly<Record<string, UsedTable>>
  /** By workbook: the claims that its read rules use. */
  readonly claims: Readonly<Record<string, Readonly<Record<string, string>>>>
}
