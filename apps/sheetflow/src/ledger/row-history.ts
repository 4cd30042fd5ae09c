import type { KeyJson } from '@sheetflow/core/message'
import { SheetflowError } from '@sheetflow/core/errors'
import { firstCommit, type FoundCommit } from '@sheetflow/engine/ledger/find-commit'
import { KeyHistory, type KeyChange } from '@sheetflow/engine/ledger/key-history'
import { readView } from '@sheetflow/engine/ledger/read-output'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'
import { graphStream } from '@sheetflow/core/subject'
import type { Ledger, LedgerSheet } from './open-ledger.ts'

/** Changes of a row, newest first. */
export interface RowHistory {
  readonly changes: readonly KeyChange[]
  /** Changes that are older than those shown. */
  readonly older: number
  /** Where the history begins. */
  readonly begins: FoundCommit | null
  /** It begins there because what was before has been trimmed. */
  readonly isTrimmed: boolean
}

/** What is asked of a row. */
export interface HistoryQuestion {
  readonly key: KeyJson
  /** Only changes of this column; null: of any. */
  readonly column: string | null
  /** The last offset that counts. */
  readonly until: number
  /** So many of the newest. */
  readonly limit: number
}

/** The changes of a row that readers have seen. `ledger/not-kept` for a sheet that has no readers. */
export async function rowHistory(ledger: Ledger, sheet: LedgerSheet, question: HistoryQuestion): Promise<RowHistory> {
  if (sheet.schema === null) throw notKept(sheet.view)
  const { graph, view, schema } = sheet
  const { key, column, until, limit } = question
  const range = { bus: ledger.bus, graph, signal: ledger.signal }
  const history = new KeyHistory(view, key, schema)
  const changes: KeyChange[] = []
  let count = 0
  for await (const transaction of readView({ ...range, until }, view)) {
    const change = history.push(transaction)
    if (change === null || (column !== null && change.kind !== 'erased' && change.cells.every((cell) => cell.column !== column))) continue
    count += 1
    changes.push(change)
    // Twice as many as are wanted, so that each is moved once.
    if (changes.length >= 2 * limit) changes.splice(0, changes.length - limit)
  }
  const begins = await firstCommit(range)
  const { first } = await rangeOf(ledger.bus, graphStream(graph))
  const newest = limit === 0 ? [] : changes.slice(-limit).reverse()
  return { changes: newest, older: count - newest.length, begins, isTrimmed: first > 1 }
}

function notKept(view: string): SheetflowError {
  return new SheetflowError('ledger/not-kept', `${view} has no readers, so its changes are in no stream`, {
    fix: `'sheetflow why ${view} KEY --at POSITION' computes what it was; with a 'read' rule its history is kept from then on.`,
  })
}
