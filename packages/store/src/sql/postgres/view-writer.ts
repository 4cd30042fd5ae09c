import { SheetflowError } from '@sheetflow/core/errors'
import type { RowChange, ViewStatus } from '@sheetflow/core/message'
import type { StoredPosition } from '@sheetflow/core/position'
import type { ViewChanges, ViewTransaction } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { fenced, isBehind, notCurrent } from '../store-errors.ts'
import { CatalogueReader, takeOver } from './catalogue.ts'
import type { Catalogue } from './catalogue.ts'
import type { PostgresStoreOptions, Sql } from './connection.ts'
import { Pieces } from './pieces.ts'
import { schemaName } from './sql-name.ts'
import { statementName } from './statement-name.ts'
import { refusing } from './store-error.ts'
import { Tables } from './tables.ts'
import { TableWriter } from './table-writer.ts'
import type { ViewTable } from './view-table.ts'
import { WriteSession } from './write-session.ts'

/** A view that a transaction fills anew. */
interface Filled {
  readonly table: ViewTable
  readonly status: ViewStatus
}

interface HeldRow {
  readonly writer: string
  readonly version: string
  readonly epoch: number | null
  readonly offset: number
  readonly tx: string
}

/**
 * The one writer of a store. Everything it does is one transaction each: rows, generation swaps and the stream's position move together or not at
 * all. A transaction holds the row of `sf_store` from its begin on, so writers of whatever process come one after the other, and one that finds
 * another's token there is fenced (`store/fenced`). A position that is not the one it left there is another history (a restored backup, a standby
 * that was promoted before it had everything): it then begins anew at what is stored.
 */
export class ViewWriter implements AsyncDisposable {
  readonly #session: WriteSession
  readonly #token: string
  readonly #s: string
  readonly #tables: Tables
  readonly #pieces: Pieces
  readonly #reader: CatalogueReader
  readonly #hold = statementName()
  readonly #move = statementName()
  /** Where this writer left each stream. */
  readonly #left = new Map<string, StoredPosition>()
  #catalogue: Catalogue | null = null
  /** By table id. */
  readonly #writers = new Map<number, TableWriter>()

  private constructor(session: WriteSession, schema: string, token: string) {
    this.#session = session
    this.#token = token
    this.#s = schemaName(schema)
    this.#tables = new Tables(schema)
    this.#pieces = new Pieces(schema)
    this.#reader = new CatalogueReader(schema)
  }

  /** Makes what is missing and takes over. */
  static async open(options: PostgresStoreOptions): Promise<ViewWriter> {
    const session = new WriteSession(options)
    try {
      const token = await session.transaction('take over', (sql) => takeOver(sql, options.schema))
      return new ViewWriter(session, options.schema, token)
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw error
    }
  }

  async ensure(schema: SheetSchema): Promise<void> {
    await this.#write(`make room for ${schema.table}`, null, (sql) => this.#tables.ensure(sql, schema))
    // A table may have one more index now.
    this.#writers.clear()
  }

  async apply(stream: string, transactions: readonly ViewTransaction[]): Promise<void> {
    const last = await this.#write('apply changes', stream, async (sql, found) => {
      this.#checkLeft(stream, found)
      // Until its end is known, what stands there may be this transaction's position as well.
      this.#left.delete(stream)
      let stored = found
      const fresh = transactions.filter((transaction) => {
        if (stored !== null && transaction.anew !== true && !isBehind(transaction.position, stored)) return false
        stored = transaction.position
        return true
      })
      for (const transaction of fresh) await this.#applyOne(sql, stream, transaction)
      for (const writer of this.#writers.values()) await writer.flush(sql)
      const end = fresh.at(-1)
      if (end !== undefined) await this.#moveTo(sql, stream, end)
      // After a swap there are other tables.
      if (this.#catalogue === null) this.#writers.clear()
      return end?.position ?? found
    })
    if (last !== null) this.#left.set(stream, last)
  }

  /** Keeps a piece of a transaction whose commit has not come yet; piece 0 forgets what an earlier attempt left. */
  async stage(stream: string, tx: string, piece: number, changes: readonly ViewChanges[]): Promise<void> {
    await this.#write('keep a piece of a transaction', null, async (sql) => {
      if (piece === 0) await this.#pieces.forget(sql, stream)
      await this.#pieces.add(sql, stream, tx, piece, changes)
    })
  }

  /** Drops old generations, one at a time; false when nothing is left to do. */
  async tidy(): Promise<boolean> {
    // Mostly there is nothing to do, and then nothing is written or locked either.
    const isThere = await this.#session.transaction('look for old generations', (sql) => this.#tables.hasOld(sql))
    return isThere && (await this.#write('drop an old generation', null, (sql) => this.#tables.tidy(sql)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }

  #checkLeft(stream: string, found: StoredPosition | null): void {
    const left = this.#left.get(stream)
    if (left === undefined || (found?.epoch === left.epoch && found.offset === left.offset && found.tx === left.tx)) return
    this.#left.delete(stream)
    throw new SheetflowError(
      'store/unavailable',
      `the store stands at ${found?.offset ?? 0} of ${stream}, not at ${left.offset} where it was left`,
      {
        retry: 'now',
        fix: 'It has been restored or taken over by a standby; what is missing is read from the bus again.',
        details: { stream, found: found?.offset ?? null, left: left.offset },
      },
    )
  }

  async #applyOne(sql: Sql, stream: string, transaction: ViewTransaction): Promise<void> {
    /** Views that this transaction fills anew: they become visible when all their rows are in. */
    const filled = new Map<string, Filled>()
    if (transaction.staged === true) {
      for await (const changes of this.#pieces.of(sql, stream, transaction.position.tx)) {
        if (transaction.without?.includes(changes.view) !== true) await this.#applyView(sql, changes, filled)
      }
      await this.#pieces.forget(sql, stream)
    }
    for (const changes of transaction.changes) await this.#applyView(sql, changes, filled)
    for (const { table, status } of filled.values()) {
      await this.#writers.get(table.id)?.flush(sql)
      await refusing(table.schema.table, () => this.#tables.swap(sql, table, stream, transaction.position, status))
      this.#catalogue = null
    }
  }

  async #applyView(sql: Sql, changes: ViewChanges, filled: Map<string, Filled>): Promise<void> {
    const { view, generation } = changes
    const begun = filled.get(view)
    if (begun?.table.schema.generation === generation) {
      await this.#rowsInto(sql, begun.table, changes.rows)
    } else if (changes.swap) {
      const table = await this.#tables.filling(sql, view, generation)
      filled.set(view, { table, status: changes.status ?? 'ready' })
      await this.#rowsInto(sql, table, changes.rows)
    } else {
      const current = (await this.#views(sql)).get(view)
      if (current?.generation !== generation) throw notCurrent(view, generation, current?.generation ?? null)
      await this.#rowsInto(sql, current.table, changes.rows)
      if (changes.status === undefined || changes.status === current.status) return
      await this.#tables.setStatus(sql, view, changes.status)
      this.#catalogue = null
    }
  }

  async #rowsInto(sql: Sql, table: ViewTable, rows: readonly RowChange[]): Promise<void> {
    if (rows.length === 0) return
    let writer = this.#writers.get(table.id)
    if (writer === undefined) {
      writer = new TableWriter(table, await this.#tables.footing(sql, table), this.#tables)
      this.#writers.set(table.id, writer)
    }
    await writer.apply(sql, rows)
  }

  async #views(sql: Sql): Promise<Catalogue['views']> {
    this.#catalogue ??= this.#reader.read((await sql.query(this.#reader.sql)).rows)
    return this.#catalogue.views
  }

  async #moveTo(sql: Sql, stream: string, { position, at }: ViewTransaction): Promise<void> {
    await sql.query(
      `INSERT INTO ${this.#s}.sf_stream (stream, epoch, "offset", tx, at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (stream) DO UPDATE SET epoch = excluded.epoch, "offset" = excluded."offset", tx = excluded.tx, at = excluded.at`,
      [stream, position.epoch, position.offset, position.tx, at],
      this.#move,
    )
  }

  /** @param work gets the stored position of the stream, if one is named */
  async #write<T>(what: string, stream: string | null, work: (sql: Sql, found: StoredPosition | null) => Promise<T>): Promise<T> {
    try {
      return await this.#session.transaction(what, async (sql) => {
        const held = await sql.query<HeldRow>(
          `SELECT s.writer, s.version, p.epoch, p."offset", p.tx FROM ${this.#s}.sf_store s
            LEFT JOIN ${this.#s}.sf_stream p ON p.stream = $1 FOR UPDATE OF s`,
          [stream],
          this.#hold,
        )
        const [row] = held.rows
        if (row?.writer !== this.#token) throw fenced()
        if (this.#catalogue?.version !== row.version) this.#catalogue = null
        return await work(sql, row.epoch === null ? null : { epoch: row.epoch, offset: row.offset, tx: row.tx })
      })
    } catch (error) {
      // What is prepared or waits may be of tables whose creation was rolled back.
      this.#writers.clear()
      this.#catalogue = null
      throw error
    }
  }
}
