import { holds } from '@sheetflow/core/breakage'
import { CellError } from '@sheetflow/core/cell-error'
import { isUnchanged } from '@sheetflow/core/json-special'
import { assert, must } from '@sheetflow/core/assert'
import type { KeyJson, RowChange, RowsMessage } from '@sheetflow/core/message'
import { isAnotherTable } from '@sheetflow/core/schema'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { BatchCopy } from './batch-copy.ts'
import type { Column } from './column.ts'
import { decodePlan, DROPPED, keySchemas, RETYPED } from './decode-plan.ts'
import type { DecodePlan, KeptColumn } from './decode-plan.ts'
import { sameLane } from './make-lane.ts'
import type { Pool } from './pool.ts'
import { BLOCK, READ } from './read-ahead.ts'
import type { Lane } from './lane.ts'
import { DELETE } from './row-batch.ts'
import type { RowBatch } from './row-batch.ts'
import { findFlaws, misfits } from './row-flaws.ts'
import type { Flaws, RowFlaw } from './row-flaws.ts'
import { RowStore } from './row-store.ts'

/** A table without its rows, for a checkpoint. */
export interface SavedTable {
  readonly id: string
  /** The newest last. */
  readonly schemas: readonly TableSchema[]
  readonly kept: readonly { readonly id: number; readonly type: ColumnType; readonly fromRun: number }[]
  readonly run: number
  readonly loaded: boolean
  readonly loading: boolean
  readonly missed: boolean
  readonly keepsAll: boolean
}

/**
 * One source table as the graph keeps it: rows by key, only the columns that are used. Takes row messages of any of its schemas, fills
 * `{"~":1}` from its own copy, and knows how far its snapshot is (FORMATS 4, 5, 6.7).
 */
export class Table {
  /** `source!schema.table`, as it is called now. */
  id: string
  readonly rows: RowStore
  readonly #kept: KeptColumn[] = []
  readonly #schemas = new Map<number, TableSchema>()
  readonly #plans = new Map<number, DecodePlan>()
  /** For the schema of which a batch was taken in last. */
  #copy: { readonly schema: TableSchema; readonly rows: BatchCopy } | null = null
  #keepsAll = false
  #schema: TableSchema
  /** The run that rows coming in now belong to. */
  run = 0
  /** Has it been loaded in the source's current epoch? */
  loaded = false
  /** Is a run going on, since `start`? */
  loading = false
  /** Dead letters of it that are open: something of it may be other than it is here. */
  letters = 0
  /** Have rows gone by that were not taken in, because nobody read this table? */
  #missed = false

  constructor(id: string, schema: TableSchema, pool: Pool) {
    this.id = id
    this.#schema = schema
    this.#schemas.set(schema.schema, schema)
    this.rows = new RowStore(keySchemas(schema), pool)
    this.rows.setKeyColumns(keySchemas(schema).map((column) => this.keep(column.id, column).column))
  }

  /** A table as it was saved; its rows are put into `rows` and its columns afterwards. */
  static restore(saved: SavedTable, pool: Pool): Table {
    const newest = must(saved.schemas.at(-1), 'a table has a schema')
    const table = new Table(saved.id, newest, pool)
    for (const schema of saved.schemas) table.#schemas.set(schema.schema, schema)
    for (const { id, type, fromRun } of saved.kept) table.keep(id, type).fromRun = fromRun
    table.run = saved.run
    table.loaded = saved.loaded
    table.loading = saved.loading
    table.#missed = saved.missed
    table.#keepsAll = saved.keepsAll
    return table
  }

  save(): SavedTable {
    const older = [...this.#schemas.values()].filter((schema) => schema !== this.#schema)
    return {
      id: this.id,
      schemas: [...older, this.#schema],
      kept: this.#kept.map(({ id, type, fromRun }) => ({ id, type, fromRun })),
      run: this.run,
      loaded: this.loaded,
      loading: this.loading,
      missed: this.#missed,
      keepsAll: this.#keepsAll,
    }
  }

  get schema(): TableSchema {
    return this.#schema
  }

  /** Has a schema of this number come, or a later one? */
  hasSeen(schema: number): boolean {
    return [...this.#schemas.keys()].some((known) => known >= schema)
  }

  get kept(): readonly KeptColumn[] {
    return this.#kept
  }

  /** The column by id and type, kept from now on. If rows came before it, it is complete only after a later run. */
  keep(id: number, type: ColumnType): KeptColumn {
    const known = this.#kept.find((kept) => kept.id === id && sameLane(kept.type, type))
    if (known !== undefined) return known
    const fresh = this.rows.count === 0 && !this.loading && !this.#missed
    const name = this.#schema.columns.find((column) => column.id === id)?.name ?? String(id)
    const kept: KeptColumn = { id, name, type, column: this.rows.addColumn(type), fromRun: fresh ? 0 : this.run + 1 }
    this.#kept.push(kept)
    this.#forgetPlans()
    return kept
  }

  /** Keeps every column, also those that the schema gets later: as long as it is not known which ones will be used. */
  keepAll(): void {
    this.#keepsAll = true
    for (const column of this.#schema.columns) this.keep(column.id, column)
  }

  /** Drops kept columns that are not in use; those of the key stay. */
  keepOnly(used: ReadonlySet<Column>): void {
    this.#keepsAll = false
    const keys = new Set(this.#schema.key.map((name) => must(this.#schema.columns.find((column) => column.name === name)).id))
    for (let i = this.#kept.length - 1; i >= 0; i--) {
      const kept = must(this.#kept[i])
      if (keys.has(kept.id) || used.has(kept.column)) continue
      this.#kept.splice(i, 1)
      this.rows.dropColumn(kept.column)
    }
    this.#forgetPlans()
  }

  /** Can rows of this schema go on in this table? One of another key, or of another table that has the name now, cannot: the graph begins a new table. */
  accepts(schema: TableSchema): boolean {
    if (isAnotherTable(this.#schema.id, schema.id)) return false
    const [a, b] = [keySchemas(this.#schema), keySchemas(schema)]
    return a.length === b.length && a.every((column, i) => column.id === b[i]?.id && sameLane(column, must(b[i])))
  }

  /**
   * From this message on rows look like `schema`. Kept columns that it drops become `#REF!` in every row, those that it retypes `#VALUE!`;
   * the new type is kept beside, so that a deployment that binds to it finds its rows.
   */
  setSchema(schema: TableSchema): void {
    const old = must(this.#plan(this.#schema.schema))
    this.#schema = schema
    this.#schemas.set(schema.schema, schema)
    this.#forgetPlans()
    for (const { kept, index } of old.places) {
      const found = schema.columns.find((column) => column.id === kept.id)
      if (index < 0 || (found !== undefined && sameLane(found, kept.type))) continue
      this.#breakColumn(kept, new CellError(found === undefined ? DROPPED : RETYPED, kept.name))
      if (found !== undefined) this.keep(kept.id, found)
    }
    if (this.#keepsAll) this.keepAll()
  }

  /** The table itself is gone: every cell of every row is `#REF!`, but for those of the key: by them readers know which rows they hold. */
  drop(): void {
    const keys = new Set(keySchemas(this.#schema).map((column) => column.id))
    for (const kept of this.#kept) if (!keys.has(kept.id)) this.#breakColumn(kept, new CellError(DROPPED, kept.name))
  }

  /** Rows go by that are not taken in: what is here must not be taken for the table. Outside of a step. */
  miss(): void {
    if (this.#missed) return
    this.#missed = true
    this.#truncate()
    this.rows.finishStep()
    for (const kept of this.#kept) kept.fromRun = this.run + 1
  }

  /** A new epoch of its source: what is here is of another history until the next `loaded`. */
  unload(): void {
    this.loaded = false
    this.loading = false
  }

  /** `start` of a run. */
  startRun(run: number): void {
    this.run = Math.max(this.run, run)
    this.loading = true
  }

  /** `loaded` of a run: rows that it did not set have vanished. A run whose rows went by unread loads nothing: the next one does. */
  finishRun(run: number): void {
    if (holds('run-numbers')) {
      for (let slot = 0; slot < this.rows.size; slot++) if (this.rows.isLive(slot) && this.rows.run(slot) < run) this.rows.kill(slot)
    }
    for (const kept of this.#kept) if (kept.fromRun <= run) kept.fromRun = 0
    this.#missed &&= this.#kept.some((kept) => kept.fromRun > 0)
    this.run = Math.max(this.run, run)
    this.loading = false
    if (!this.#missed) this.loaded = true
  }

  /**
   * Applies the rows of one message in order. `baseMissing` is called with the key of a row that left a kept column unsent and has no base
   * row here: it is not applied (before `loaded` its chunk will bring it; afterwards it must be read again). `flawed` is called with what is wrong
   * with a row, as it came (ADR 025).
   */
  apply(message: RowsMessage, baseMissing: (key: KeyJson) => void, flawed: (flaw: RowFlaw) => void): void {
    const plan = this.#plan(message.schema)
    if (plan === null) {
      // Before `loaded` the snapshot that must follow brings them again.
      if (this.loaded) flawed(unknownSchema(message.schema))
      return
    }
    const { pool } = this.rows
    const before = pool.misfits
    const flaws = findFlaws(plan, message.rows)
    this.#applyRows(plan, message.rows, flaws, baseMissing)
    if (flaws !== null) for (const flaw of flaws.values()) flawed(flaw)
    if (pool.misfits > before) for (const flaw of misfits(plan, message.rows, flaws)) flawed(flaw)
  }

  /** Rows with flaws are left out. */
  #applyRows(plan: DecodePlan, rows: readonly RowChange[], flaws: Flaws | null, baseMissing: (key: KeyJson) => void): void {
    // The row that the `d` just before removed: a changed key is `d` + `c`, adjacent in one message.
    let removed = -1
    for (let i = 0; i < rows.length; i++) {
      if (i % BLOCK === 0 && rows.length > 1) this.#warmRows(rows, flaws, i, Math.min(i + BLOCK, rows.length))
      const row = rows[i] as RowChange
      const op = row[0]
      if (flaws !== null && flaws.has(i)) removed = -1
      else if (op === 't') {
        this.#truncate()
        removed = -1
      } else if (op === 'd') {
        const slot = this.rows.find(must(row[1], 'd has a key'))
        removed = slot >= 0 && this.rows.isLive(slot) ? slot : -1
        if (removed >= 0) this.rows.kill(removed)
      } else {
        this.#put(plan, row, op === 'c' ? removed : -1, baseMissing)
        removed = -1
      }
    }
  }

  /** Applies the rows of a batch in order. */
  applyBatch(batch: RowBatch): void {
    const copy = this.#copyOf(batch)
    if (copy === null) {
      // Before `loaded` the snapshot that must follow brings them again. Afterwards whoever fills batches has kept one of another table than this.
      assert(!this.loaded, `a batch for ${this.id} is of a schema that the table has: ${batch.schema.schema}`)
      return
    }
    const { rows } = this
    const keys = batch.keyLanes
    for (let i = 0; i < batch.size; i++) {
      if (i % BLOCK === 0 && batch.size > 1) this.#warm(keys, i, Math.min(i + BLOCK, batch.size))
      const key = rows.normalKeyAt(keys, i)
      const known = rows.findNormal(key)
      READ[0] = rows.peek(known)
      if (batch.op(i) === DELETE) {
        if (known >= 0) rows.kill(known)
        continue
      }
      copy.put(batch, i, rows.enterAt(known, key, this.run))
    }
  }

  /** Looks for these rows before the first of them is changed: the walks to memory overlap. */
  #warm(keys: readonly Lane[], from: number, to: number): void {
    let read = 0
    for (let i = from; i < to; i++) read ^= this.rows.peek(this.rows.findNormal(this.rows.normalKeyAt(keys, i)))
    READ[0] = read
  }

  #warmRows(rows: readonly RowChange[], flaws: Flaws | null, from: number, to: number): void {
    let read = 0
    for (let i = from; i < to; i++) {
      const key = (rows[i] as RowChange)[1]
      if (key !== null && flaws?.has(i) !== true) read ^= this.rows.peek(this.rows.find(key))
    }
    READ[0] = read
  }

  #put(plan: DecodePlan, row: RowChange, removed: number, baseMissing: (key: KeyJson) => void): void {
    const key = must(row[1], 'a row has a key')
    const after = must(row[2], 'c, u and r have a row')
    const normal = this.rows.normalKey(key)
    const known = this.rows.findNormal(normal)
    READ[0] = this.rows.peek(known)
    const base = known >= 0 && this.rows.isLive(known) ? known : removed
    if (base < 0 && this.#isPartial(plan, after)) {
      baseMissing(key)
      return
    }
    const slot = this.rows.enterAt(known, normal, this.run)
    for (const { kept, index, error } of plan.places) {
      const lane = kept.column.now
      const json = after[index]
      if (error !== null || json === undefined) lane.set(slot, error)
      else if (!isUnchangedCell(json)) lane.setJson(slot, json)
      else if (base !== slot) lane.copy(lane, base, slot)
    }
  }

  #isPartial(plan: DecodePlan, after: readonly JsonValue[]): boolean {
    for (const { index } of plan.places) if (index >= 0 && isUnchangedCell(after[index] ?? null)) return true
    return false
  }

  #truncate(): void {
    for (let slot = 0; slot < this.rows.size; slot++) if (this.rows.isLive(slot)) this.rows.kill(slot)
  }

  #breakColumn(kept: KeptColumn, error: CellError): void {
    for (let slot = 0; slot < this.rows.size; slot++) {
      if (!this.rows.isLive(slot)) continue
      this.rows.touch(slot)
      kept.column.now.set(slot, error)
    }
  }

  /** Null: as `#plan`. */
  #copyOf(batch: RowBatch): BatchCopy | null {
    const { schema } = batch
    if (this.#copy?.schema === schema) return this.#copy.rows
    const plan = this.#plan(schema.schema)
    if (plan === null) return null
    const rows = new BatchCopy(batch, plan, this.rows.records)
    this.#copy = { schema, rows }
    return rows
  }

  /** What is planned by the columns that are kept is planned anew. */
  #forgetPlans(): void {
    this.#plans.clear()
    this.#copy = null
  }

  /** Null: a schema that this table has not seen. */
  #plan(number: number): DecodePlan | null {
    const known = this.#plans.get(number)
    if (known !== undefined) return known
    const schema = this.#schemas.get(number)
    if (schema === undefined) return null
    const plan = decodePlan(schema, this.#kept)
    this.#plans.set(number, plan)
    return plan
  }
}

/** Rows of a schema that was trimmed away. */
function unknownSchema(schema: number): RowFlaw {
  return { index: 0, key: null, column: null, code: 'core/bad-message', reason: `rows are of schema ${schema}, which is not on the bus` }
}

/** `isUnchanged`, with the common cases first: most cells are primitives. */
function isUnchangedCell(json: JsonValue): boolean {
  return typeof json === 'object' && json !== null && isUnchanged(json)
}
