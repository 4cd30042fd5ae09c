import type { TransactionPiece } from '@sheetflow/core/framing/collector'
import type { KeyJson, SourceControl } from '@sheetflow/core/message'
import { isAnotherTable } from '@sheetflow/core/schema'
import type { TableSchema } from '@sheetflow/core/schema'
import type { Pool } from '../state/pool.ts'
import type { RowBatch } from '../state/row-batch.ts'
import type { RowFlaw } from '../state/row-flaws.ts'
import { Table } from '../state/table.ts'
import type { SavedTable } from '../state/table.ts'

/** A row that left a column unsent and has no base row here: the source has to read the key again. */
export interface MissingBase {
  readonly source: string
  readonly table: string
  readonly key: KeyJson
}

/** For checkpoints: everything but the rows. */
export interface SavedTables {
  readonly tables: readonly { readonly name: string; readonly unused: boolean; readonly table: SavedTable }[]
  readonly started: readonly (readonly [string, number])[]
  readonly keepsAll: boolean
}

/**
 * The source tables of one graph. Takes the pieces of source transactions in stream order; rows enter state at once.
 *
 * Until a deployment says what it uses, every column is kept: rows may come before the first deployment does.
 */
export class SourceTables {
  readonly #pool: Pool
  readonly #tables = new Map<string, Table>()
  /** The same, to be gone through in every step. */
  #list: readonly Table[] = []
  /** Tables whose key changed or whose name another one has now: old programs still read them, nothing enters them any more. */
  readonly #replaced = new Set<Table>()
  /** Runs that were started before the table's schema came. */
  readonly #started = new Map<string, number>()
  /** Rows of tables that no program uses are not kept. */
  readonly #unused = new Set<string>()
  /** Runs that went by before the table's schema came. */
  readonly #missedRuns = new Map<string, number>()
  keepsAll = true

  constructor(pool: Pool) {
    this.#pool = pool
  }

  get(id: string): Table | undefined {
    return this.#tables.get(id)
  }

  /** The table of a schema that something was bound to: by the source's id of it, since it may be called otherwise now; else by name. */
  find(source: string, { id, table }: { readonly id?: string | undefined; readonly table: string }): Table | undefined {
    const own = this.#tables.get(`${source}!${table}`)
    if (id === undefined || own?.schema.id === id) return own
    const found = [...this.#tables.values()].find((one) => one.id.startsWith(`${source}!`) && one.schema.id === id)
    return found ?? (isAnotherTable(own?.schema.id, id) ? undefined : own)
  }

  all(): IterableIterator<Table> {
    return this.#tables.values()
  }

  /** The newest schema of each table, by id. */
  schemas(): ReadonlyMap<string, TableSchema> {
    return new Map([...this.#tables].map(([id, table]) => [id, table.schema]))
  }

  /** May this be saved? Not while a replaced table is still read: nobody could tell the two apart. */
  get isSavable(): boolean {
    return this.#replaced.size === 0
  }

  save(): SavedTables {
    return {
      tables: [...this.#tables].map(([name, table]) => ({ name, unused: this.#unused.has(name), table: table.save() })),
      started: [...this.#started],
      keepsAll: this.keepsAll,
    }
  }

  restore(saved: SavedTables): void {
    this.keepsAll = saved.keepsAll
    for (const [id, run] of saved.started) this.#started.set(id, run)
    for (const { name, unused, table } of saved.tables) {
      this.#set(name, Table.restore(table, this.#pool))
      if (unused) this.#unused.add(name)
    }
  }

  /** Does any program read this table, or may one that is still to come? */
  isRead(id: string): boolean {
    return this.#tables.has(id) && !this.#unused.has(id)
  }

  /** One piece of a transaction of `source`. See `Table.apply`. */
  take(
    source: string,
    piece: Exclude<TransactionPiece, { kind: 'dead' }>,
    baseMissing: (missing: MissingBase) => void,
    flawed: (flaw: RowFlaw) => void,
  ): void {
    switch (piece.kind) {
      case 'rows': {
        const { table: name } = piece.message
        const id = `${source}!${name}`
        const table = this.#tables.get(id)
        if (table === undefined) return
        if (this.#unused.has(id)) return table.miss()
        const missing = (key: KeyJson): void => {
          if (table.loaded) baseMissing({ source, table: name, key })
        }
        return table.apply(piece.message, missing, flawed)
      }
      case 'schema':
        return this.setSchema(source, piece.message)
      case 'control':
        if (piece.message.kind !== 'view' && piece.message.kind !== 'letters') this.#control(source, piece.message)
    }
  }

  /** As a piece of rows, from cells. */
  takeBatch(id: string, batch: RowBatch): void {
    const table = this.#tables.get(id)
    if (table === undefined) return
    if (this.#unused.size > 0 && this.#unused.has(id)) table.miss()
    else table.applyBatch(batch)
  }

  /** A table looks like this from now on. */
  setSchema(source: string, message: TableSchema): void {
    const id = `${source}!${message.table}`
    const { v, table: name, id: identity, schema, hash, key, columns } = message
    const clean: TableSchema = { v, table: name, ...(identity === undefined ? {} : { id: identity }), schema, hash, key, columns }
    const known = this.#tables.get(id)
    if (known === undefined) this.#add(id, clean)
    else if (known.accepts(clean)) known.setSchema(clean)
    else {
      this.#replace(id, known)
      const table = this.#add(id, clean)
      table.run = known.run
    }
  }

  /** Keeps only what programs use from now on: columns by table, and of the tables that were replaced those that one still reads. */
  keepOnly(used: ReadonlyMap<string, Parameters<Table['keepOnly']>[0]>, isRead: (table: Table) => boolean): void {
    this.keepsAll = false
    for (const table of this.#replaced) {
      if (isRead(table)) continue
      this.#replaced.delete(table)
      table.rows.release()
    }
    for (const [id, table] of this.#tables) {
      const columns = used.get(id)
      if (columns === undefined) this.#forget(table)
      else table.keepOnly(columns)
    }
  }

  /** A program reads this table from now on; rows that came while nobody did are missing until a later run. */
  use(table: Table): void {
    this.#unused.delete(table.id)
  }

  /** Rows of this table up to that run went by unread: they must be asked for. Between steps. */
  forget(id: string, run: number): void {
    const table = this.#tables.get(id)
    if (table === undefined) {
      this.#missedRuns.set(id, run)
      return
    }
    table.run = Math.max(table.run, run)
    table.miss()
  }

  finishStep(): void {
    for (const table of this.#list) if (table.rows.touched.size > 0) table.rows.finishStep()
    if (this.#replaced.size > 0) for (const table of this.#replaced) table.rows.finishStep()
  }

  #set(id: string, table: Table): void {
    this.#tables.set(id, table)
    this.#list = [...this.#tables.values()]
  }

  #add(id: string, schema: TableSchema): Table {
    const table = new Table(id, schema, this.#pool)
    table.run = this.#started.get(id) ?? 0
    table.loading = this.#started.has(id)
    this.#started.delete(id)
    const missed = this.#missedRuns.get(id)
    if (missed !== undefined) {
      table.run = Math.max(table.run, missed)
      table.miss()
    }
    if (this.keepsAll) table.keepAll()
    else this.#unused.add(id)
    this.#set(id, table)
    return table
  }

  /** No program reads it: its rows go, and those that come are not taken in. */
  #forget(table: Table): void {
    if (this.#unused.has(table.id)) return
    this.#unused.add(table.id)
    table.keepOnly(new Set())
    if (table.rows.count > 0 || table.run > 0) table.miss()
  }

  #control(source: string, control: SourceControl): void {
    switch (control.kind) {
      case 'gate':
      case 'chunk':
        return
      case 'start':
        for (const name of control.tables) this.#start(`${source}!${name}`, control.run)
        return
      case 'loaded':
        for (const name of control.tables) this.#tables.get(`${source}!${name}`)?.finishRun(control.run)
        return
      case 'epoch':
        for (const [id, table] of this.#tables) if (id.startsWith(`${source}!`)) table.unload()
        return
      case 'drop':
        this.#tables.get(`${source}!${control.table}`)?.drop()
        return
      case 'rename': {
        this.#rename(`${source}!${control.table}`, `${source}!${control.to}`)
      }
    }
  }

  /** Another table is called `id` from now on. Who reads this one goes on with the rows that are there. */
  #replace(id: string, table: Table): void {
    if (this.#unused.has(id)) table.rows.release()
    else this.#replaced.add(table)
  }

  /** The same table under another name: programs that read it go on. */
  #rename(from: string, to: string): void {
    const table = this.#tables.get(from)
    if (table === undefined) return
    const there = this.#tables.get(to)
    if (there !== undefined && there !== table) this.#replace(to, there)
    this.#tables.delete(from)
    this.#set(to, table)
    if (this.#unused.delete(from)) this.#unused.add(to)
    else this.#unused.delete(to)
    table.id = to
  }

  #start(id: string, run: number): void {
    const table = this.#tables.get(id)
    if (table === undefined) this.#started.set(id, run)
    else table.startRun(run)
  }
}
