import { TransactionReader } from '@sheetflow/core/framing/assembler'
import type { StreamEvent } from '@sheetflow/core/framing/assembler'
import { isUnchanged } from '@sheetflow/core/json-special'
import type { CommitBody, KeyJson, RowChange, SourceControl } from '@sheetflow/core/message'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import type { TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'

/** A row by column id, so that it outlives a new layout of its table. */
export type ReplicaRow = ReadonlyMap<number, JsonValue>

/** One table as the stream tells it. */
class ReplicaTable {
  readonly rows: Map<string, ReplicaRow> = new Map()
  readonly runs: Map<string, number> = new Map()
  schema: TableSchema | null = null
  /** The newest run, how many chunks of it have come, and the newest one that is complete. */
  run = 0
  chunks = 0
  loadedRun = 0
  loaded = false

  /** The row's cell in the column of that name. */
  cell(row: ReplicaRow | undefined, name: string): JsonValue | undefined {
    const column = this.schema?.columns.find((one) => one.name === name)
    return column === undefined ? undefined : row?.get(column.id)
  }
}

/** What a replica tells of. */
export interface ReplicaListener {
  /** A row is as it is from now on; `gone` if it is no more. `op` as in the stream. */
  row(table: string, op: RowChange[0], key: string, row: ReplicaRow | null): void
  /** A commit: everything before it counts. */
  commit(commit: CommitBody): void
  /** A consumer's rule is broken by what came. */
  flaw(what: string): void
}

/**
 * Follows one source's stream as FORMATS 4 and 6 tell every consumer to: in order, unchanged columns filled from the row before, rows of an older run dropped at
 * `loaded`, nothing kept over an epoch. Written once more here on purpose: the checker shares no such code with what it checks.
 */
export class Replica {
  readonly tables: Map<string, ReplicaTable> = new Map()
  offset = 0
  readonly #reader: TransactionReader
  readonly #listener: ReplicaListener
  #removed: ReplicaRow | null = null

  constructor(epoch: number, listener: ReplicaListener) {
    this.#reader = new TransactionReader({ rule: 'source', epoch })
    this.#listener = listener
  }

  push(messages: readonly StoredMessage[]): void {
    for (const event of this.#reader.push(messages)) this.#take(event)
    this.offset = messages.at(-1)?.offset ?? this.offset
  }

  table(name: string): ReplicaTable {
    let table = this.tables.get(name)
    if (table === undefined) this.tables.set(name, (table = new ReplicaTable()))
    return table
  }

  #take(event: StreamEvent): void {
    switch (event.kind) {
      case 'rows':
        for (const row of event.message.rows) this.#row(event.message.table, row)
        return
      case 'schema':
        this.table(event.message.table).schema = event.message
        return
      case 'control':
        return this.#control(event.message as SourceControl)
      case 'commit':
        return this.#listener.commit(event.commit)
      case 'dead':
        throw event.error
      case 'begin':
      case 'half':
        break
    }
  }

  #row(name: string, [op, key, after]: RowChange): void {
    const table = this.table(name)
    if (op === 't' || key === null) {
      table.rows.clear()
      this.#listener.row(name, 't', '', null)
      return
    }
    const at = keyText(key)
    if (op === 'd') {
      this.#removed = table.rows.get(at) ?? null
      table.rows.delete(at)
      this.#listener.row(name, op, at, null)
      return
    }
    const row = this.#filled(name, table, op, at, after ?? [])
    this.#removed = null
    if (row === null) return
    table.rows.set(at, row)
    table.runs.set(at, table.run)
    this.#listener.row(name, op, at, row)
  }

  /** Null: a column was not sent and nothing is known that it could be filled from. */
  #filled(name: string, table: ReplicaTable, op: RowChange[0], at: string, after: readonly JsonValue[]): ReplicaRow | null {
    const base = table.rows.get(at) ?? (op === 'c' ? this.#removed : null)
    const row = new Map<number, JsonValue>()
    for (const [i, column] of (table.schema?.columns ?? []).entries()) {
      const value = after[i] ?? null
      if (!isUnchanged(value)) row.set(column.id, value)
      else if (base !== null) row.set(column.id, base.get(column.id) ?? null)
      else {
        table.rows.delete(at)
        if (table.loaded) this.#listener.flaw(`${name} ${at}: a column was left out and there is no row before`)
        return null
      }
    }
    return row
  }

  #control(control: SourceControl): void {
    switch (control.kind) {
      case 'start':
        for (const name of control.tables) Object.assign(this.table(name), { run: control.run, chunks: 0 })
        return
      case 'loaded':
        for (const name of control.tables) this.#loaded(name, control.run)
        return
      case 'epoch':
        for (const table of this.tables.values()) {
          table.rows.clear()
          table.loaded = false
        }
        return
      case 'drop':
        this.tables.delete(control.table)
        return
      case 'rename': {
        const table = this.tables.get(control.table)
        this.tables.delete(control.table)
        if (table !== undefined) this.tables.set(control.to, table)
        return
      }
      case 'chunk':
        this.table(control.table).chunks += 1
        break
      case 'gate':
        break
    }
  }

  #loaded(name: string, run: number): void {
    const table = this.table(name)
    table.loaded = true
    table.loadedRun = run
    for (const key of table.rows.keys()) {
      if ((table.runs.get(key) ?? 0) >= run) continue
      table.rows.delete(key)
      this.#listener.row(name, 'd', key, null)
    }
  }
}

/** A key as text that tells it apart from every other of its table. */
export function keyText(key: KeyJson): string {
  return key.map(String).join('|')
}
