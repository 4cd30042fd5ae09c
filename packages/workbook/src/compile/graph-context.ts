import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { ColumnType } from '@sheetflow/core/type'
import type { BoundSheet } from '@sheetflow/formula/bound'
import type { NamedLookup, RelationLookup, ScopeRelation } from '@sheetflow/formula/bind/scope'
import type { FileRange, Findings } from '../diagnostic.ts'
import type { SheetColumn } from './columns.ts'

/** A sheet as others see it: its published columns by name, and the whole of it when it is finished. */
export interface SheetRelation extends ScopeRelation {
  readonly workbook: string
  readonly name: string
  /** Everything bound; null after an error in rows or key. Cycles through it are found by the caller's `enter`. */
  finish(): BoundSheet | null
  /** Columns that readers may filter on: `publish.index` and the key. */
  readonly indexed: ReadonlySet<string>
  readonly at: FileRange
}

/** What the sheets of one graph share while they are compiled. */
export interface GraphContext {
  readonly findings: Findings
  /** What `source!table` or `table` means inside of a workbook. */
  relation(workbook: string, source: string | null, table: string): RelationLookup
  relationNames(workbook: string): readonly string[]
  /** The sheet behind a relation, if it is one. */
  sheet(id: string): SheetRelation | undefined
  /** Has the sheet readers? */
  isPublished(id: string): boolean
  /** All columns of a table or sheet, in its order; null after an error there, the way if its rows are just being bound. */
  columnsOf(id: string): readonly SheetColumn[] | { readonly cycle: readonly string[] } | null
  named(workbook: string, name: string): NamedLookup
  /** Does the named value change with tables? */
  isLive(view: string, column: number): boolean
  names(workbook: string): readonly string[]
  /** Asynchronous functions, the same for all workbooks. */
  readonly functions: FunctionSignatures
  timeZone(workbook: string): string
  claim(workbook: string, name: string): ColumnType | undefined
  claimNames(workbook: string): readonly string[]
  /**
   * Runs `bind` unless `label` is being bound already: then the way that leads back to it. Bound formulas are told apart by label, such as
   * `open_orders[customer]`.
   */
  enter<T>(label: string, bind: () => T): { readonly done: T } | { readonly cycle: readonly string[] }
  /** The formula being bound, to say where a drifted name stands. */
  reading<T>(at: FileRange, bind: () => T): T
}
