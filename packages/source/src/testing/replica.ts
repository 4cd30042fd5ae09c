import { decodeMessage } from '@sheetflow/core/framing/codec'
import { TransactionReader } from '@sheetflow/core/framing/assembler'
import type { StreamEvent } from '@sheetflow/core/framing/assembler'
import { isUnchanged } from '@sheetflow/core/json-special'
import type { CommitBody, RowChange, SourceControl } from '@sheetflow/core/message'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import type { JsonValue } from '@sheetflow/core/value'

/** A row by the consumer's rules, with the run that set it last. */
export interface ReplicaRow {
  readonly row: readonly JsonValue[]
  readonly run: number
}

/**
 * Stores rows exactly as FORMATS 4 and 6 tell every consumer to: in order, unchanged columns filled from the row before, rows of an older run dropped at `loaded`.
 * Notes what a consumer must never see.
 */
export class Replica {
  readonly tables: Map<string, Map<string, ReplicaRow>> = new Map()
  readonly loaded: Set<string> = new Set()
  /** Broken rules, in words. */
  readonly flaws: string[] = []
  commits: number = 0
  readonly causes: CommitBody['causes'][number][] = []
  readonly #reader: TransactionReader
  readonly #runs = new Map<string, number>()
  readonly #columns = new Map<string, readonly number[]>()
  #removed: readonly JsonValue[] | null = null

  constructor(epoch: number) {
    this.#reader = new TransactionReader({ rule: 'source', epoch })
  }

  push(messages: readonly StoredMessage[]): void {
    for (const event of this.#reader.push(messages)) this.#event(event)
  }

  table(name: string): Map<string, ReplicaRow> {
    let rows = this.tables.get(name)
    if (rows === undefined) this.tables.set(name, (rows = new Map()))
    return rows
  }

  /** Rows of a table as JSON texts, in order of their texts. */
  content(name: string): readonly string[] {
    return [...this.table(name).values()].map(({ row }) => JSON.stringify(row)).toSorted()
  }

  #event(event: StreamEvent): void {
    if (event.kind === 'rows') for (const row of event.message.rows) this.#row(event.message.table, row)
    else if (event.kind === 'schema')
      this.#schema(
        event.message.table,
        event.message.columns.map((column) => column.id),
      )
    else if (event.kind === 'dead') throw event.error
    else if (event.kind === 'control') this.#control(event.message as SourceControl)
    else if (event.kind === 'commit') {
      this.commits++
      this.causes.push(...event.commit.causes)
    }
  }

  /** Columns keep their values by id; a new one is Blank. */
  #schema(name: string, ids: readonly number[]): void {
    const before = this.#columns.get(name) ?? ids
    this.#columns.set(name, ids)
    const table = this.table(name)
    for (const [key, { row, run }] of table) table.set(key, { row: ids.map((id) => row[before.indexOf(id)] ?? null), run })
  }

  #row(name: string, [op, key, after]: RowChange): void {
    const table = this.table(name)
    const at = JSON.stringify(key)
    switch (op) {
      case 't':
        table.clear()
        break
      case 'd':
        this.#removed = table.get(at)?.row ?? null
        table.delete(at)
        return
      default: {
        const base = table.get(at)?.row ?? (op === 'c' ? this.#removed : null)
        const filled = after?.map((value, i) => (isUnchanged(value) ? (base?.[i] ?? value) : value)) ?? []
        // Before `loaded` a base row may be missing: then nothing is known of the row yet, and it comes by itself.
        if (!filled.some(isUnchanged)) table.set(at, { row: filled, run: this.#runs.get(name) ?? 0 })
        else {
          table.delete(at)
          if (this.loaded.has(name)) this.flaws.push(`${name} ${at}: unchanged columns without a base row after loaded`)
        }
      }
    }
    this.#removed = null
  }

  #control(control: SourceControl): void {
    switch (control.kind) {
      case 'start':
        for (const table of control.tables) this.#runs.set(table, control.run)
        return
      case 'loaded':
        for (const name of control.tables) {
          this.loaded.add(name)
          for (const [key, { run }] of this.table(name)) if (run < control.run) this.table(name).delete(key)
        }
        return
      case 'epoch':
        this.loaded.clear()
        return
      case 'drop':
        this.tables.delete(control.table)
        this.loaded.delete(control.table)
        return
      case 'rename':
        this.tables.set(control.to, this.table(control.table))
        this.tables.delete(control.table)
        this.#columns.set(control.to, this.#columns.get(control.table) ?? [])
        if (this.loaded.delete(control.table)) this.loaded.add(control.to)
        this.#runs.set(control.to, this.#runs.get(control.table) ?? 0)
        break
      case 'gate':
      case 'chunk':
        break
    }
  }
}

/** The last control message of a stream. */
export function lastControl(messages: readonly StoredMessage[]): SourceControl | undefined {
  const stored = messages.findLast((message) => message.subject.endsWith('._ctl'))
  return stored === undefined ? undefined : (decodeMessage(stored).message as SourceControl)
}
