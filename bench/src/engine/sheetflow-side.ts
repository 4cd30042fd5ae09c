import type { RowChange } from '@sheetflow/core/message'
import { LiveWorkbook } from './live-workbook.ts'
import type { TableRows, WorkbookText } from './live-workbook.ts'
import type { Engine, Loaded } from './engine-case.ts'
import { loading } from './memory.ts'
import { stepping } from './stepping.ts'
import type { Side, Workload } from './stepping.ts'
import type { TypedChanges } from './typed-entry.ts'

/** Changes by table (`schema.table`), as one transaction of the source. */
export type TableChanges = readonly (readonly [table: string, rows: readonly RowChange[]])[]

/** What the product needs for a case: the text of a workbook, rows to begin with, and how a transaction of the workload looks as changes of tables. */
export interface SheetflowCase<Transaction> {
  readonly workbook: WorkbookText
  readonly rows: Readonly<Record<string, TableRows>>
  readonly workload: Workload<Transaction>
  changes(transaction: Transaction): TableChanges
}

/** The product with typed changes in and out. */
export async function sheetflowEngine<T>(of: SheetflowCase<T>): Promise<Engine> {
  const { workbook, loaded } = await loadWorkbook(of)
  return stepping(
    loaded,
    of.workload,
    typedSide(workbook, (transaction) => of.changes(transaction)),
  )
}

/** Deploys, loads and activates. */
export async function loadWorkbook<T>(of: SheetflowCase<T>): Promise<{ readonly workbook: LiveWorkbook; readonly loaded: Loaded }> {
  let workbook: LiveWorkbook | undefined
  const count = Object.values(of.rows).reduce((sum, { count: rows }) => sum + rows, 0)
  const loaded = await loading(count, (clock) => {
    workbook = LiveWorkbook.deploy(of.workbook)
    for (const [table, rows] of Object.entries(of.rows)) workbook.load(table, rows, clock)
    workbook.activate(Object.keys(of.rows))
  })
  if (workbook === undefined) throw new Error('nothing was loaded')
  return { workbook, loaded }
}

/** A running workbook with typed changes in and out. */
export function typedSide<T>(workbook: LiveWorkbook, changes: (transaction: T) => TableChanges): Side<T, readonly TypedChanges[]> {
  const enter = (prepared: readonly TypedChanges[]): void => {
    for (const one of prepared) workbook.enter(one)
  }
  return {
    prepare: (transaction) => changes(transaction).map(([table, rows]) => workbook.typed(table, rows)),
    step: (prepared) => {
      enter(prepared)
      return workbook.commitTyped()
    },
    read: (prepared, results) => {
      enter(prepared)
      workbook.readTyped(results)
    },
  }
}
