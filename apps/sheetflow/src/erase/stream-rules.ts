import { isSheetflowError } from '@sheetflow/core/errors'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { eraseRows } from '@sheetflow/core/framing/erase-row'
import { decodeGraphInbox, decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { tableOfSubject } from '@sheetflow/core/subject'
import type { IsOfRow } from './lineage.ts'
import { whichRow, type SourceRow } from './row-trace.ts'
import type { Telling } from './telling.ts'

/**
 * A message's body without what shall be forgotten; null: there is nothing in it. `unread` hears of one that cannot be read, or a row of it, so that nobody knows what it
 * says (ADR 025): that stays as it is.
 */
export type Rule = (message: StoredMessage, unread: (message: StoredMessage) => void) => Uint8Array | null

/** All that the stream of the row's source says of it. */
export function sourceRule(row: SourceRow): Rule {
  const which = whichRow(row)
  const tables = new Set(row.tables)
  return (message, unread) => {
    if (!tables.has(tableOfSubject(message.subject))) return null
    const tell = (): void => unread(message)
    return eraseRows(message, {
      row: (table, key) => {
        const is = which(table, key)
        if (is === null) tell()
        return is === true
      },
      unread: tell,
    })
  }
}

/** Of a graph's stream up to an offset the rows that are the row's, and cells of others that tell of it. */
export function graphRule(upTo: number, isOfRow: IsOfRow, telling: Telling): Rule {
  const erasing = { row: isOfRow, cell: (_: string, cell: Parameters<Telling['has']>[0]) => telling.has(cell) }
  return (message, unread) => (message.offset > upTo ? null : eraseRows(message, { ...erasing, unread: () => unread(message) }))
}

/** What finished commands carried: of an inbox of a source, up to the last one that is finished. */
export function commandRule(upTo: number, telling: Telling): Rule {
  return (message, unread) => {
    const said = message.offset > upTo ? null : readable(message, decodeSourceInbox, unread)
    if (said?.kind !== 'command') return null
    const payload = telling.without(said.payload)
    return payload === said.payload ? null : encodeBody({ ...said, payload })
  }
}

/** What commands answered, in the inbox of a graph. */
export function receiptRule(upTo: number, telling: Telling): Rule {
  return (message, unread) => {
    const said = message.offset > upTo ? null : readable(message, decodeGraphInbox, unread)
    if (said?.kind !== 'receipt' || said.result === undefined) return null
    const result = telling.without(said.result)
    return result === said.result ? null : encodeBody({ ...said, result })
  }
}

/** What people typed into sheets, and what functions were asked: it is no copy of the row, so it stays, and is told. */
export function tellsElsewhere(message: StoredMessage, telling: Telling): boolean {
  const said = readable(message, decodeGraphInbox, () => undefined)
  if (said?.kind === 'edit') return telling.without(said.changes) !== said.changes
  return said?.kind === 'result' && (telling.has(said.value) || said.args.some((arg) => telling.has(arg)))
}

/** What the message says; null: it cannot be read, which is told. */
function readable<T>(message: StoredMessage, decode: (message: StoredMessage) => T, unread: (message: StoredMessage) => void): T | null {
  try {
    return decode(message)
  } catch (error) {
    if (!isSheetflowError(error, 'core/bad-message')) throw error
    unread(message)
    return null
  }
}
