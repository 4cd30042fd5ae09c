import { must } from '@sheetflow/core/assert'
import { isUnchanged } from '@sheetflow/core/json-special'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import { ColumnRecord } from '../seen-columns.ts'
import { baseMissing } from '../store-errors.ts'
import { isLong, mayBeLong } from './btree-room.ts'
import type { Sql } from './connection.ts'
import { cellArrays, keyArrays, specialArray } from './row-arrays.ts'
import { statementName } from './statement-name.ts'
import { refusing } from './store-error.ts'
import { TableBatch } from './table-batch.ts'
import type { Pending } from './table-batch.ts'
import type { TableFooting, Tables } from './tables.ts'
import type { ViewTable } from './view-table.ts'

/** One statement writes so many rows at most, or about so many letters. */
const BATCH_ROWS = 1_000
const BATCH_LETTERS = 8 * 1024 * 1024

/** One statement with all that it writes, made and not yet sent. */
type Step = (sql: Sql) => Promise<void>

/**
 * Writes changes into one table, in order, many rows in one statement; an unchanged cell (`{"~":1}`) keeps what is stored. Rows wait in memory until
 * there are many; while the server writes them, the next ones are made ready. All of it is there when `flush` has ended.
 */
export class TableWriter {
  readonly #table: ViewTable
  readonly #batch: TableBatch
  readonly #tables: Tables
  readonly #apart: ColumnRecord
  readonly #room: number
  readonly #insert: Named
  readonly #upsert: Named
  readonly #replace: Named
  readonly #delete: Named
  readonly #positions: readonly number[]
  /** Columns of which a cell may be too long for a B-tree, and has not been yet. */
  readonly #short: Set<number>
  /** No two rows have one key, because an index says so; else because whoever writes a row removes the one before it. */
  #keyed: boolean
  #writing: Promise<void> = Promise.resolve()

  /** @param table as the catalogue has it now */
  constructor(table: ViewTable, { keyed, room }: TableFooting, tables: Tables) {
    this.#table = table
    this.#keyed = keyed
    this.#room = room
    this.#batch = new TableBatch(table)
    this.#tables = tables
    this.#apart = new ColumnRecord(table.apart)
    this.#positions = [...table.lanes.keys()]
    this.#insert = named(insertSql(table))
    this.#upsert = named(upsertSql(table))
    this.#replace = named(replaceSql(table))
    this.#delete = named(deleteSql(table))
    this.#short = new Set(this.#positions.filter((i) => mayBeLong(table, i)))
  }

  async apply(sql: Sql, changes: readonly RowChange[]): Promise<void> {
    for (let i = 0; i < changes.length; i++) {
      const [op, key, after, before] = must(changes[i])
      switch (op) {
        case 'c':
        case 'r':
        case 'u':
          if (op === 'u' && isSame(before, must(after))) break
          this.#batch.put(must(key), must(after), op === 'u' && before !== null)
          break
        case 'd':
          if (await this.#moves(sql, must(key), changes[i + 1])) i++
          else this.#batch.delete(must(key))
          break
        case 't':
          this.#batch.take()
          await this.flush(sql)
          await sql.query(`DELETE FROM ${this.#table.name}`)
          this.#apart.clear()
          break
      }
      if (this.#batch.size >= BATCH_ROWS || this.#batch.letters >= BATCH_LETTERS) await this.#begin(sql)
    }
  }

  /** Writes what waits, and what the catalogue has to say of it. */
  async flush(sql: Sql): Promise<void> {
    await this.#begin(sql)
    await this.#writing
    const news = this.#apart.news()
    if (news !== null) await this.#tables.setApart(sql, this.#table, news)
  }

  /** Sends what waits as soon as what was sent before has been written. */
  async #begin(sql: Sql): Promise<void> {
    if (this.#batch.size === 0) return
    const steps = this.#steps(this.#batch.take())
    await this.#writing
    this.#writing = this.#inOrder(sql, steps)
    // Whoever waits for it next is told.
    this.#writing.catch(() => {})
  }

  /** Every key is in one of them, so their order is of no account. */
  #steps(all: readonly Pending[]): readonly Step[] {
    const deleted: KeyJson[] = []
    const whole: RowJson[] = []
    const known: RowJson[] = []
    const partly: Pending[] = []
    for (const pending of all) {
      if (pending.row === null) deleted.push(pending.key)
      else if (pending.isPart) partly.push(pending)
      else (pending.known ? known : whole).push(pending.row)
    }
    const relief = this.#relief([...whole, ...known, ...partly.map(({ row }) => must(row))])
    return [
      ...relief,
      ...(deleted.length === 0 ? [] : [this.#deletion(deleted)]),
      ...(known.length === 0 ? [] : [this.#update(known)]),
      ...(whole.length === 0 ? [] : [this.#insertion(whole)]),
      ...[...sameColumns(partly)].map((group) => this.#writeOver(group)),
    ]
  }

  /** Rows that should be there: looking for them is cheaper than being ready for a conflict. Those that are not make the whole rows all the same. */
  #update(rows: readonly RowJson[]): Step {
    const arrays = this.#arrays(rows)
    const insertion = this.#insertion(rows, arrays)
    return async (sql) => {
      const { count } = await sql.query(this.#replace.text, arrays, this.#replace.name)
      if (count < rows.length) await insertion(sql)
    }
  }

  #insertion(rows: readonly RowJson[], arrays: readonly string[] = this.#arrays(rows)): Step {
    if (this.#keyed) return async (sql) => void (await sql.query(this.#upsert.text, arrays, this.#upsert.name))
    const deletion = this.#deletion(rows.map((row) => this.#table.key.map((i) => row[i] ?? null)))
    return async (sql) => {
      await deletion(sql)
      await sql.query(this.#insert.text, arrays, this.#insert.name)
    }
  }

  #deletion(keys: readonly KeyJson[]): Step {
    const arrays = keyArrays(this.#table, keys)
    return async (sql) => void (await sql.query(this.#delete.text, arrays, this.#delete.name))
  }

  /** Writes the cells that are not unchanged, the same columns of every row, over the rows that are stored at the keys. */
  #writeOver(rows: readonly Pending[]): Step {
    const values = rows.map(({ row }) => must(row))
    const written = this.#positions.filter((i) => !isUnchanged(values[0]?.[i] ?? null))
    const cells = values.map((row) => row.map((json) => (isUnchanged(json) ? null : json)))
    const keys = rows.map(({ key }) => key)
    const arrays = [
      ...keyArrays(this.#table, keys),
      ...cellArrays(this.#table, written, cells),
      specialArray(this.#table, cells, this.#apart),
    ]
    return async (sql) => {
      const { count } = await sql.query(writeOverSql(this.#table, written), arrays)
      if (count < rows.length) throw baseMissing(this.#table.schema.table)
    }
  }

  #arrays(rows: readonly RowJson[]): readonly string[] {
    return [...cellArrays(this.#table, this.#positions, rows), specialArray(this.#table, rows, this.#apart)]
  }

  /** A changed key whose new row leaves cells unchanged: the stored row moves. False: `next` is no such row. */
  async #moves(sql: Sql, from: KeyJson, next: RowChange | undefined): Promise<boolean> {
    const row = next?.[0] === 'c' ? next[2] : null
    if (next === undefined || row === null || row === undefined || !row.some(isUnchanged)) return false
    const to = must(next[1])
    if (this.#batch.move(from, to, row)) return true
    await this.flush(sql)
    // What may stand at the new key is replaced.
    await this.#inOrder(sql, [
      ...this.#relief([row]),
      this.#deletion([to]),
      this.#writeOver([{ key: from, row, known: true, isPart: true }]),
    ])
    return true
  }

  async #inOrder(sql: Sql, steps: readonly Step[]): Promise<void> {
    await refusing(this.#table.schema.table, async () => {
      for (const step of steps) await step(sql)
    })
  }

  /** What has to be done first, because columns have a cell that no B-tree can hold, and had none before. */
  #relief(rows: readonly RowJson[]): readonly Step[] {
    const found = [...this.#short].filter((i) => rows.some((row) => isLong(this.#table, i, row[i] ?? null, this.#room)))
    for (const column of found) {
      this.#short.delete(column)
      if (this.#table.key.includes(column)) this.#keyed = false
    }
    return found.map((column) => (sql) => this.#tables.relieve(sql, this.#table, column))
  }
}

/** An update that changes nothing says nothing about the row. */
function isSame(before: RowJson | null, after: RowJson): boolean {
  return before !== null && after.every((json, i) => json === before[i])
}

interface Named {
  readonly text: string
  readonly name: string
}

function named(text: string): Named {
  return { text, name: statementName() }
}

/** Rows at keys where there are none. */
function insertSql(table: ViewTable): string {
  const columns = [...table.columnsOf([...table.lanes.keys()]), { name: 'x', type: 'jsonb' }]
  return `INSERT INTO ${table.name} (${columns.map(({ name }) => name).join(', ')}) SELECT * FROM ${unnestSql(columns)}`
}

function upsertSql(table: ViewTable): string {
  const kept = keptKeys(table)
  const names = [...table.columnsOf([...table.lanes.keys()]).map(({ name }) => name), 'x']
  const sets = names.filter((name) => !kept.has(name)).map((name) => `${name} = excluded.${name}`)
  return `${insertSql(table)} ON CONFLICT (${table.keyColumns.join(', ')}) DO UPDATE SET ${sets.join(', ')}`
}

function replaceSql(table: ViewTable): string {
  const columns = [...table.columnsOf([...table.lanes.keys()]), { name: 'x', type: 'jsonb' }]
  const names = columns.map(({ name }) => name)
  const kept = keptKeys(table)
  const sets = names.filter((name) => !kept.has(name)).map((name) => `${name} = u.${name}`)
  const at = table.key.length === 0 ? 'true' : table.key.map((i) => `t.c${i} = u.c${i}`).join(' AND ')
  return `UPDATE ${table.name} AS t SET ${sets.join(', ')} FROM ${unnestSql(columns)} AS u (${names.join(', ')}) WHERE ${at}`
}

/** Key columns that an update need not write. An equal key may be written differently in others, and the last one is shown. */
function keptKeys(table: ViewTable): ReadonlySet<string> {
  return new Set(table.key.filter((i) => !table.lane(i).writings).map((i) => `c${i}`))
}

function deleteSql(table: ViewTable): string {
  if (table.key.length === 0) return `DELETE FROM ${table.name}`
  const keys = table.key.map((i) => ({ name: `k${i}`, type: table.lane(i).column }))
  const at = table.key.map((i) => `t.c${i} = k.k${i}`).join(' AND ')
  return `DELETE FROM ${table.name} AS t USING ${unnestSql(keys)} AS k (${keys.map(({ name }) => name).join(', ')}) WHERE ${at}`
}

function writeOverSql(table: ViewTable, written: readonly number[]): string {
  const keys = table.key.map((i) => ({ name: `k${i}`, type: table.lane(i).column }))
  const cells = table.columnsOf(written)
  const given = [...keys, ...cells, { name: 'x', type: 'jsonb' }]
  const gone = written.map((i) => `'c${i}'`).join(', ')
  const x = `nullif(coalesce(t.x, '{}') - ARRAY[${gone}]::text[] || coalesce(u.x, '{}'), '{}')`
  const sets = [...cells.map(({ name }) => `${name} = u.${name}`), `x = ${x}`]
  const at = table.key.length === 0 ? 'true' : table.key.map((i) => `t.c${i} = u.k${i}`).join(' AND ')
  return `UPDATE ${table.name} AS t SET ${sets.join(', ')} FROM ${unnestSql(given)} AS u (${given.map(({ name }) => name).join(', ')}) WHERE ${at}`
}

function unnestSql(columns: readonly { readonly type: string }[]): string {
  return `unnest(${columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')})`
}

/** Groups of rows that leave the same cells unchanged. */
function sameColumns(rows: readonly Pending[]): Iterable<readonly Pending[]> {
  return Map.groupBy(rows, ({ row }) =>
    must(row)
      .map((json) => (isUnchanged(json) ? 0 : 1))
      .join(''),
  ).values()
}
