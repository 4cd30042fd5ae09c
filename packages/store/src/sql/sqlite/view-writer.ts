import { must } from '@sheetflow/core/assert'
import type { RowChange, ViewStatus } from '@sheetflow/core/message'
import type { StoredPosition } from '@sheetflow/core/position'
import type { ViewChanges, ViewTransaction } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { fenced, isBehind, notCurrent } from '../store-errors.ts'
import { Catalogue, takeOver } from './catalogue.ts'
import { CACHE_KIB, inTransaction, keepPages, openWriter, orClose, PASSING_CACHE_KIB, refusing } from './connection.ts'
import { Pieces } from './pieces.ts'
import { Tables } from './tables.ts'
import { TableWriter } from './table-writer.ts'
import type { ViewTable } from './view-table.ts'

/** A view that a transaction fills anew. */
interface Filled {
  readonly table: ViewTable
  readonly status: ViewStatus
}

/**
 * The one writer of a store file. Everything it does is one transaction each: rows, generation swaps and the stream's position move
 * together or not at all. Opening a second writer fences this one (`store/fenced`).
 */
export class ViewWriter {
  readonly #db: DatabaseSync
  readonly #token: number
  readonly #catalogue: Catalogue
  readonly #tables: Tables
  readonly #holder: StatementSync
  readonly #move: StatementSync
  /** By table id. */
  readonly #writers = new Map<number, TableWriter>()
  readonly #pieces: Pieces
  #cacheKib = CACHE_KIB

  constructor(file: string) {
    this.#db = openWriter(file)
    this.#token = orClose(this.#db, () => takeOver(this.#db))
    this.#catalogue = new Catalogue(this.#db)
    this.#tables = new Tables(this.#db)
    this.#pieces = new Pieces(this.#db)
    this.#holder = this.#db.prepare('SELECT writer FROM sf_store')
    this.#move = this.#db.prepare('INSERT OR REPLACE INTO sf_stream (stream, epoch, "offset", tx, at) VALUES (?, ?, ?, ?, ?)')
  }

  ensure(schema: SheetSchema): void {
    this.#write(`make room for ${schema.table}`, () => this.#tables.ensure(schema))
  }

  apply(stream: string, transactions: readonly ViewTransaction[]): void {
    if (transactions.some(({ staged }) => staged === true)) this.#keepPages(PASSING_CACHE_KIB)
    this.#write('apply changes', () => {
      let stored: StoredPosition | null = this.#catalogue.position(stream)
      const fresh = transactions.filter((transaction) => {
        if (stored !== null && transaction.anew !== true && !isBehind(transaction.position, stored)) return false
        stored = transaction.position
        return true
      })
      for (const transaction of fresh) this.#applyOne(stream, transaction)
      const last = fresh.at(-1)
      if (last === undefined) return
      const { epoch, offset, tx } = last.position
      this.#move.run(stream, epoch, offset, tx, last.at)
    })
    this.#keepPages(CACHE_KIB)
  }

  /** Keeps a piece of a transaction whose commit has not come yet; piece 0 forgets what an earlier attempt left. */
  stage(stream: string, tx: string, piece: number, changes: readonly ViewChanges[]): void {
    this.#keepPages(PASSING_CACHE_KIB)
    this.#write('keep a piece of a transaction', () => {
      if (piece === 0) this.#pieces.forget(stream)
      this.#pieces.add(stream, tx, piece, changes)
    })
  }

  /** Empties old generations, a step at a time; false when nothing is left to do. */
  tidy(): boolean {
    return this.#write('drop old generations', () => this.#tables.tidy())
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #keepPages(kib: number): void {
    if (kib === this.#cacheKib) return
    keepPages(this.#db, kib)
    this.#cacheKib = kib
  }

  #applyOne(stream: string, transaction: ViewTransaction): void {
    /** Views that this transaction fills anew: they become visible when all their rows are in. */
    const filled = new Map<string, Filled>()
    if (transaction.staged === true) {
      for (const changes of this.#pieces.of(stream, transaction.position.tx)) {
        if (transaction.without?.includes(changes.view) !== true) this.#applyView(changes, filled)
      }
      this.#pieces.forget(stream)
    }
    for (const changes of transaction.changes) this.#applyView(changes, filled)
    for (const { table, status } of filled.values()) this.#tables.swap(table, stream, transaction.position, status)
  }

  #applyView(changes: ViewChanges, filled: Map<string, Filled>): void {
    const { view, generation } = changes
    const begun = filled.get(view)
    if (begun?.table.schema.generation === generation) {
      this.#rowsInto(begun.table, changes.rows)
    } else if (changes.swap) {
      const table = this.#tables.filling(view, generation)
      filled.set(view, { table, status: changes.status ?? 'ready' })
      this.#rowsInto(table, changes.rows)
    } else {
      const current = this.#catalogue.views().get(view)
      if (current?.generation !== generation) throw notCurrent(view, generation, current?.generation ?? null)
      this.#rowsInto(current.table, changes.rows)
      if (changes.status !== undefined && changes.status !== current.status) this.#tables.setStatus(view, changes.status)
    }
  }

  #rowsInto(table: ViewTable, rows: readonly RowChange[]): void {
    if (rows.length === 0) return
    let writer = this.#writers.get(table.id)
    if (writer === undefined) {
      writer = new TableWriter(this.#db, table, this.#tables)
      this.#writers.set(table.id, writer)
    }
    refusing(table.schema.table, () => writer.apply(rows))
  }

  #write<T>(what: string, work: () => T): T {
    try {
      return inTransaction(this.#db, what, () => {
        if (Number(must(this.#holder.get())['writer']) !== this.#token) throw fenced()
        return work()
      })
    } catch (error) {
      // Statements may name tables whose creation was rolled back, and what was read of the catalogue may be of no version that there is.
      this.#writers.clear()
      this.#catalogue.forget()
      throw error
    }
  }
}
