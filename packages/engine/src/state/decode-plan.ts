import { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { Column } from './column.ts'
import { keyCheck } from './key-check.ts'
import { sameLane } from './make-lane.ts'

/** A column that some program reads: by the source's id and the type that it was bound to. */
export interface KeptColumn {
  readonly id: number
  /** As it was called when it was first kept: for errors, once it is gone. */
  readonly name: string
  readonly type: ColumnType
  readonly column: Column
  /** Complete after a `loaded` of this run or a later one; 0: complete. */
  fromRun: number
}

/** How rows of one schema number go into the kept columns. */
export interface DecodePlan {
  /** For each kept column the place in the row array, or −1 with the error that stands there. */
  readonly places: readonly { readonly kept: KeptColumn; readonly index: number; readonly error: CellError | null }[]
  /** Cells of a row. */
  readonly width: number
  /** Where in a row the cells of its key stand. */
  readonly keyAt: readonly number[]
  readonly isKey: (key: KeyJson) => boolean
}

/** The error of a cell whose column its source dropped. */
export const DROPPED = '#REF!'
/** The error of a cell whose column its source retyped. */
export const RETYPED = '#VALUE!'

export function decodePlan(schema: TableSchema, kept: readonly KeptColumn[]): DecodePlan {
  const keys = keySchemas(schema)
  return {
    places: kept.map((one) => placeOf(one, schema)),
    width: schema.columns.length,
    keyAt: keys.map((column) => schema.columns.indexOf(column)),
    isKey: keyCheck(keys),
  }
}

/** The columns of the key, in its order. */
export function keySchemas(schema: TableSchema): ColumnSchema[] {
  return schema.key.map((name) =>
    must(
      schema.columns.find((column) => column.name === name),
      'a key column is a column',
    ),
  )
}

function placeOf(kept: KeptColumn, schema: TableSchema): DecodePlan['places'][number] {
  const index = schema.columns.findIndex((column) => column.id === kept.id)
  const found = schema.columns[index]
  if (found === undefined) return { kept, index: -1, error: new CellError(DROPPED, kept.name) }
  return sameLane(found, kept.type) ? { kept, index, error: null } : { kept, index: -1, error: new CellError(RETYPED, kept.name) }
}
