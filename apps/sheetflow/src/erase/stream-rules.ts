import { encodeBody } from '@sheetflow/core/framing/codec'
import { eraseRows } from '@sheetflow/core/framing/erase-row'
import { decodeGraphInbox, decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import type { IsOfRow } from './lineage.ts'
import type { Telling } from './telling.ts'

/** A message's body without what shall be forgotten; null: there is nothing in it. */
export type Rule = (message: StoredMessage) => Uint8Array | null

/** All that the stream of the row's source says of it. */
export function sourceRule(isRow: (table: string, key: Parameters<IsOfRow>[1]) => boolean): Rule {
  return (message) => eraseRows(message, { row: isRow })
}

/** Of a graph's stream up to an offset the rows that are the row's, and cells of others that tell of it. */
export function graphRule(upTo: number, isOfRow: IsOfRow, telling: Telling): Rule {
  const erasing = { row: isOfRow, cell: (_: string, cell: Parameters<Telling['has']>[0]) => telling.has(cell) }
  return (message) => (message.offset > upTo ? null : eraseRows(message, erasing))
}

/** What finished commands carried: of an inbox of a source, up to the last one that is finished. */
export function commandRule(upTo: number, telling: Telling): Rule {
  return (message) => {
    if (message.offset > upTo) return null
    const said = decodeSourceInbox(message)
    if (said.kind !== 'command') return null
    const payload = telling.without(said.payload)
    return payload === said.payload ? null : encodeBody({ ...said, payload })
  }
}

/** What commands answered, in the inbox of a graph. */
export function receiptRule(upTo: number, telling: Telling): Rule {
  return (message) => {
    if (message.offset > upTo) return null
    const said = decodeGraphInbox(message)
    if (said.kind !== 'receipt' || said.result === undefined) return null
    const result = telling.without(said.result)
    return result === said.result ? null : encodeBody({ ...said, result })
  }
}

/** What people typed into sheets, and what functions were asked: it is no copy of the row, so it stays, and is told. */
export function tellsElsewhere(message: StoredMessage, telling: Telling): boolean {
  const said = decodeGraphInbox(message)
  if (said.kind === 'edit') return telling.without(said.changes) !== said.changes
  return said.kind === 'result' && (telling.has(said.value) || said.args.some((arg) => telling.has(arg)))
}
