import { must } from '@sheetflow/core/assert'
import { TransactionCollector } from '@sheetflow/core/framing/collector'
import type { WholeTransaction } from '@sheetflow/core/framing/collector'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import { keyText } from '@sheetflow/core/key'
import type { Cause, KeyJson, RowChange, RowOp, RowsMessage } from '@sheetflow/core/message'
import type { StoredPosition } from '@sheetflow/core/position'
import type { TableSchema } from '@sheetflow/core/schema'
import { sourceStream, sourceSubject, tableSchemaSubject, tableSubject } from '@sheetflow/core/subject'
import type { ColumnType } from '@sheetflow/core/type'
import { messageEpoch } from '../role/input-cursor.ts'
import { cellChanges, filled } from './cell-change.ts'
import type { CellChange, NamedCells } from './cell-change.ts'
import type { ReadableBus } from './reading-bus.ts'
import { rangeOf } from './reading-bus.ts'

/** Rows of one table of a source. */
export interface TrackedRows {
  /** `public.orders` */
  readonly table: string
  readonly rows: readonly { readonly key: KeyJson; /** The columns that matter. */ readonly columns: ReadonlySet<string> }[]
}

/** A change of one of these rows. */
export interface RowEvent {
  readonly table: string
  readonly key: KeyJson
  /** `r`: read with a snapshot. */
  readonly op: RowOp
  /** Something was said here, and has been erased since; `op` is not what it was. */
  readonly erased?: true
  readonly cells: readonly CellChange[]
}

/** What one transaction of the source did to them. */
export interface SourceEvent {
  readonly stream: string
  readonly position: StoredPosition
  readonly at: string
  readonly causes: readonly Cause[]
  readonly rows: readonly RowEvent[]
}

/** A row as far as the stream has told it so far: null: it is not there; undefined: nothing was said. */
type Held = NamedCells | null | undefined

interface Row {
  readonly key: KeyJson
  readonly columns: ReadonlySet<string>
  held: Held
}

/**
 * Finds the changes of some rows in the transactions of their source, pushed in order. Only changes that touch a column that matters count, and
 * snapshot rows only where they bring something new. What a row was is taken from the change where the source sends it, else from what was read
 * of the row before.
 */
class SourceHistory {
  readonly #stream: string
  readonly #schemas = new Map<string, TableSchema>()
  readonly #tables = new Map<string, Map<string, Row>>()
  readonly #tracked: readonly TrackedRows[]

  constructor(stream: string, tracked: readonly TrackedRows[]) {
    this.#stream = stream
    this.#tracked = tracked
  }

  /** A schema that stands before what is pushed. */
  learn(schema: TableSchema): void {
    this.#schemas.set(`${schema.table} ${schema.schema}`, schema)
  }

  /** What this transaction did to the rows; null: nothing. */
  push({ position, commit, pieces }: WholeTransaction): SourceEvent | null {
    const rows: RowEvent[] = []
    for (const piece of pieces) {
      if (piece.kind === 'schema') this.learn(piece.message)
      if (piece.kind === 'rows') this.#rows(piece.message, rows)
    }
    if (rows.length === 0 || position === null || commit === null) return null
    return { stream: this.#stream, position, at: commit.at, causes: commit.causes, rows }
  }

  #rows(message: RowsMessage, events: RowEvent[]): void {
    const tracked = this.#tracked.find((one) => one.table === message.table)
    const schema = this.#schemas.get(`${message.table} ${message.schema}`)
    if (tracked === undefined || schema === undefined) return
    const rows = this.#tables.get(message.table) ?? byKey(tracked, schema)
    this.#tables.set(message.table, rows)
    const types = keyTypes(schema)
    for (const [i, change] of message.rows.entries()) {
      if (message.erased?.includes(i) === true) forget(message.table, rows.get(keyText(types, must(change[1]))), events)
      else if (change[0] === 't') for (const row of rows.values()) note(message.table, row, change, schema, events)
      else {
        const row = rows.get(keyText(types, must(change[1])))
        if (row !== undefined) note(message.table, row, change, schema, events)
      }
    }
  }
}

/** The changes of some rows of one source, oldest first, up to an offset of its stream (absent: to its end). */
export async function* readSourceHistory(
  {
    bus,
    source,
    until,
    signal,
  }: { readonly bus: ReadableBus; readonly source: string; readonly until?: number; readonly signal: AbortSignal },
  tracked: readonly TrackedRows[],
): AsyncGenerator<SourceEvent> {
  const stream = sourceStream(source)
  const { first, last } = await rangeOf(bus, stream)
  if (last < first || tracked.length === 0) return
  const history = new SourceHistory(stream, tracked)
  const subjects = [sourceSubject(source, '_commit'), sourceSubject(source, '_ctl')]
  for (const { table } of tracked) {
    subjects.push(tableSubject(source, table), tableSchemaSubject(source, table))
    for (const message of await bus.last(stream, tableSchemaSubject(source, table))) {
      const decoded = decodeMessage(message)
      if (decoded.kind === 'schema') history.learn(decoded.message)
    }
  }
  let collector: TransactionCollector | null = null
  for await (const messages of bus.read(stream, { from: first, subjects, untilNow: true, signal })) {
    collector ??= new TransactionCollector({ rule: 'source', epoch: messageEpoch(must(messages[0])) })
    for (const transaction of collector.push(messages)) {
      if (until !== undefined && (transaction.position?.offset ?? 0) > until) return
      const event = history.push(transaction)
      if (event !== null) yield event
    }
  }
}

function note(table: string, row: Row, [op, , after, before]: RowChange, schema: TableSchema, events: RowEvent[]): void {
  const columns = schema.columns.map((column) => column.name)
  const was: Held = before === null ? row.held : { columns, row: before }
  const is: Held = after === null ? null : { columns, row: filled(after, was?.row ?? null) }
  row.held = is
  if (was === null && is === null) return
  const cells = cellChanges(was ?? null, is).filter(({ column }) => row.columns.has(column))
  // A row that is there as it was is no change; of one about which nothing was known, all is.
  if (cells.length === 0 && was !== undefined && was !== null && is !== null) return
  events.push({ table, key: row.key, op, cells })
}

/** From an erased change on nothing is known of the row. */
function forget(table: string, row: Row | undefined, events: RowEvent[]): void {
  if (row === undefined) return
  row.held = undefined
  events.push({ table, key: row.key, op: 'd', erased: true, cells: [] })
}

function byKey({ rows }: TrackedRows, schema: TableSchema): Map<string, Row> {
  const types = keyTypes(schema)
  return new Map(rows.map(({ key, columns }) => [keyText(types, key), { key, columns, held: undefined }]))
}

function keyTypes({ key, columns }: TableSchema): readonly ColumnType[] {
  return key.map((name) => must(columns.find((column) => column.name === name)))
}
