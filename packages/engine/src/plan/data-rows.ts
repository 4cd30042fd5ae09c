import { must } from '@sheetflow/core/assert'
import { toJson } from '@sheetflow/core/json-codec'
import type { BoundSheet } from '@sheetflow/formula/bound'
import { StoreRelation } from '../operators/store-relation.ts'
import type { Pool } from '../state/pool.ts'
import { RowStore } from '../state/row-store.ts'

/** The rows of a sheet that has its own: those written in its file, or the one row of named values. */
export function dataRows(sheet: BoundSheet, pool: Pool): StoreRelation {
  const inputs = sheet.columns.filter((column) => column.formula === undefined)
  const keys = sheet.key.map((index) => must(sheet.columns[index]).type)
  const store = new RowStore(keys, pool)
  const columns = inputs.map((column) => store.addColumn(column.type))
  store.setKeyColumns(sheet.key.map((index) => must(columns[index], 'the key of data is data')))
  const { rows } = sheet
  if (rows.kind === 'single') store.enter([], 0)
  if (rows.kind === 'data') {
    for (const row of rows.rows) {
      const slot = store.enter(
        sheet.key.map((index) => toJson(must(sheet.columns[index]).type, row[index] ?? null)),
        0,
      )
      for (const [i, column] of columns.entries()) column.now.set(slot, row[i] ?? null)
    }
  }
  store.finishStep()
  return new StoreRelation(store, columns)
}
