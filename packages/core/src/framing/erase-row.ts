import type { KeyJson, RowChange } from '../message.ts'
import type { BusMessage } from '../ports/bus.ts'
import { decodeMessage, encodeBody } from './codec.ts'

/**
 * A message of rows without what it says of one row: each change of that key becomes its deletion, `["d", key, null, null]`, so that the ordinals of the
 * transaction stay what they are and a replay ends without the row. Null: the message says nothing of it.
 */
export function eraseRow(stored: Pick<BusMessage, 'subject' | 'body'>, key: KeyJson): Uint8Array | null {
  const decoded = decodeMessage(stored)
  if (decoded.kind !== 'rows') return null
  const wanted = JSON.stringify(key)
  let found = false
  const rows = decoded.message.rows.map((row): RowChange => {
    const [op, of, after, before] = row
    if (of === null || JSON.stringify(of) !== wanted || (op === 'd' && after === null && before === null)) return row
    found = true
    return ['d', of, null, null]
  })
  return found ? encodeBody({ ...decoded.message, rows }) : null
}
