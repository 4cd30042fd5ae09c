import { encodeBase64 } from '@sheetflow/core/base64'
import { assert } from '@sheetflow/core/assert'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { BASE64_FUNCTION } from './lane.ts'
import { joinCell } from './number-cell.ts'

/** SQL function: a number in JSON text as a cell of a numeric lane, NULL where the lane has no such cell. */
export const JOIN_FUNCTION = 'sf_cell'

/** What SQLite lacks for our statements, on a connection that queries. Pure functions all. */
export function defineFunctions(db: DatabaseSync): void {
  const options = { deterministic: true, useBigIntArguments: true }
  db.function(BASE64_FUNCTION, options, (cell: SQLOutputValue) => {
    assert(cell instanceof Uint8Array, 'bytes are printed from a BLOB')
    return encodeBase64(cell.subarray(1))
  })
  db.function(JOIN_FUNCTION, options, (name: SQLOutputValue, json: SQLOutputValue) => joinCell(String(name), String(json)))
}
