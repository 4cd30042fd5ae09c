import { TransactionReader } from '@sheetflow/core/framing/assembler'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { graphSubjects, sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { RowChange } from '@sheetflow/core/message'
import type { EncodedRows } from '@sheetflow/engine/program/view-changes'
import type { BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'
import { AT } from './live-workbook.ts'
import type { LiveWorkbook } from './live-workbook.ts'
import type { TableChanges } from './sheetflow-side.ts'
import type { Side } from './stepping.ts'
import { readRows } from './typed-entry.ts'

/** The messages of an output transaction, and how many rows are in them. */
interface MessagesOut {
  readonly messages: readonly BusMessage[]
  readonly rows: number
}

/** Changed rows of one view: each as JSON text, or as the graph gives them out. */
export interface ViewRows {
  readonly view: string
  readonly schema: number
  readonly rows: readonly string[] | EncodedRows
}

/** Decoded rows in, changed rows of views out: what stands between the messages. */
export type RowStep = (rows: readonly (readonly [table: string, rows: readonly RowChange[]])[]) => readonly ViewRows[]

/**
 * A side with messages decoded and encoded, as the graph role does it: the bytes of a source's transaction go through the reader, the output
 * leaves as the bytes of a transaction of the graph. The bus itself is not there. `changes`: the source's transactions that share a step.
 */
export function messageSide<T>(changes: (step: T) => readonly TableChanges[], step: RowStep): Side<T, readonly StoredMessage[]> {
  const source = new TransactionPacker({ stream: 'SF_SRC_shop', epoch: 1, subjects: sourceSubjects('shop') })
  const through = throughMessages(step)
  let begun = 0
  let written = 0
  return {
    prepare: (of) => {
      for (const transaction of changes(of)) {
        source.begin(`m${begun++}`)
        for (const [table, rows] of transaction) source.changes(table, 1, rows)
        source.commit({ at: AT, mark: String(begun), causes: [] })
      }
      return source.take().map((message): StoredMessage => ({ ...message, offset: ++written, storedAt: 0 }))
    },
    step: (stored) => through(stored).rows,
    read: (stored, results) => {
      const back = new TransactionReader({ rule: 'graph', epoch: 1 })
      const messages = through(stored).messages.map((message, i): StoredMessage => ({ ...message, offset: i + 1, storedAt: 0 }))
      for (const event of back.push(messages)) if (event.kind === 'rows') readRows(event.message.table, event.message.rows, results)
    },
  }
}

/** Decodes, steps, encodes. */
function throughMessages(step: RowStep): (stored: readonly StoredMessage[]) => MessagesOut {
  const graph = new TransactionPacker({ stream: 'SF_GRAPH_sales', epoch: 1, subjects: graphSubjects('sales') })
  const reader = new TransactionReader({ rule: 'source', epoch: 1 })
  let steps = 0
  return (stored) => {
    const tables: (readonly [string, readonly RowChange[]])[] = []
    for (const event of reader.push(stored)) if (event.kind === 'rows') tables.push([event.message.table, event.message.rows])
    const views = step(tables)
    steps += 1
    graph.begin(`1-${steps}`)
    let rows = 0
    for (const { view, schema, rows: changed } of views) {
      rows += changed.length
      if ('parts' in changed) for (const part of changed.parts) graph.rowBytes(view, schema, part)
      else graph.rows(view, schema, changed)
    }
    graph.commit({ at: AT, inputs: { SF_SRC_shop: { epoch: 1, offset: reader.position?.offset ?? 0 } }, causes: [] })
    return { messages: graph.take(), rows }
  }
}

/** What the product does between the messages. */
export function workbookStep(workbook: LiveWorkbook): RowStep {
  return (tables) => {
    for (const [table, rows] of tables)
      workbook.graph.source('shop', { kind: 'rows', offset: 0, message: { v: 1, tx: 't', first: 0, table, schema: 1, rows } })
    return workbook.commit().views
  }
}
