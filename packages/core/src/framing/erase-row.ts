import { isJsonError } from '../json-special.ts'
import type { KeyJson, RowChange, RowJson, RowsMessage } from '../message.ts'
import type { BusMessage } from '../ports/bus.ts'
import type { JsonCellError, JsonValue } from '../value.ts'
import { decodeOrDead, encodeBody, huskPlaces } from './codec.ts'

/** What stands in the place of a value that was erased: a cell error of no column. */
export const ERASED_JSON: JsonCellError = Object.freeze({ e: '#N/A', of: '(erased)' })

/** Was this value erased? */
export function isErased(json: JsonValue): boolean {
  return isJsonError(json) && json.e === ERASED_JSON.e && json.of === ERASED_JSON.of
}

/** What is to be forgotten in messages of rows. */
export interface Erasing {
  /** All that is said of these rows: each change becomes `["d", key, null, null]`. */
  row(table: string, key: KeyJson): boolean
  /** Single cells of the other rows, of their keys too: `ERASED_JSON` stands there afterwards. */
  cell?(table: string, cell: JsonValue): boolean
  /** The message cannot be read, and stays as it is (ADR 025). Absent: then that is an error. */
  unread?(): void
}

/**
 * A message of rows without what shall be forgotten (ADR 022). Ordinals of the transaction stay what they are and a replay ends without the row; `erased`
 * of the message says which of its rows were emptied. A row of another shape than rows have goes if its key can be read and is meant, and stays as it is otherwise.
 * Null: there is nothing to forget in it.
 */
export function eraseRows(stored: Pick<BusMessage, 'subject' | 'body'>, erasing: Erasing): Uint8Array | null {
  const decoded = decodeOrDead(stored)
  if (decoded.kind === 'dead') {
    if (erasing.unread === undefined) throw decoded.error
    erasing.unread()
    return null
  }
  if (decoded.kind !== 'rows') return null
  const { message } = decoded
  const places: number[] = []
  const husks = huskPlaces(stored, message)
  let found = false
  const rows = message.rows.map((change, i): RowChange => {
    const erased = emptied(change, message.table, erasing)
    if (erased !== null) places.push(i)
    const husk = husks?.get(i)
    const next = erased ?? (husk === undefined ? withoutCells(change, message.table, erasing) : change)
    if (next !== change) found = true
    // Who wrote it knows what it says: it goes back as it was.
    return next === change && husk !== undefined ? husk : next
  })
  if (!found) return null
  const all = [...new Set([...(message.erased ?? []), ...places])].sort((a, b) => a - b)
  const body: RowsMessage = { ...message, rows, ...(all.length === 0 ? {} : { erased: all }) }
  return encodeBody(body)
}

/** The row's deletion in place of what the change said; null: it is another row's, or it says nothing that could be forgotten. */
function emptied([op, key, after, before]: RowChange, table: string, { row }: Erasing): RowChange | null {
  if (key === null || (op === 'd' && after === null && before === null) || !row(table, key)) return null
  return ['d', key, null, null]
}

function withoutCells(change: RowChange, table: string, { cell }: Erasing): RowChange {
  if (cell === undefined) return change
  const [op, key, after, before] = change
  const cleaned = (cells: RowJson | null): RowJson | null =>
    cells?.some((one) => cell(table, one)) === true ? cells.map((one) => (cell(table, one) ? ERASED_JSON : one)) : cells
  const [newKey, newAfter, newBefore] = [cleaned(key), cleaned(after), cleaned(before)]
  return newKey === key && newAfter === after && newBefore === before ? change : [op, newKey, newAfter, newBefore]
}
