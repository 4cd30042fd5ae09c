import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import type { Random } from '../random.ts'
import type { CaseTable, TableChange } from './case.ts'
import { someCell, someKey } from './cells.ts'

/** The tables of a case as the writer of its changes knows them: which keys there are, and the schemas of now. */
export class Writer {
  readonly #random: Random
  readonly #schemas: Map<string, TableSchema>
  readonly #keys = new Map<string, Map<string, JsonValue[]>>()

  constructor(random: Random, tables: readonly CaseTable[]) {
    this.#random = random
    this.#schemas = new Map(tables.map(({ id, schema }) => [id, schema]))
    for (const { id } of tables) this.#keys.set(id, new Map())
  }

  get tables(): CaseTable[] {
    return [...this.#schemas].map(([id, schema]) => ({ id, schema }))
  }

  changeSchema(id: string, schema: TableSchema): void {
    this.#schemas.set(id, schema)
  }

  /** Many rows of every table of a source. */
  full(source: string): TableChange[] {
    return this.#of(source).map((table) => ({
      table,
      rows: Array.from({ length: this.#random.between(3, 11) }, () => this.#put(table)),
    }))
  }

  /** One transaction: rows that come, change, go, change their key, all at once or not at all. */
  transaction(source: string): TableChange[] {
    const tables = this.#of(source)
    return Array.from({ length: this.#random.between(1, 3) }, () => this.#random.pick(tables)).map((table) => ({
      table,
      rows: Array.from({ length: this.#random.between(1, 4) }, () => this.#change(table)).flat(),
    }))
  }

  /** Every row of every table of a source goes, one by one or at once. */
  emptied(source: string): TableChange[] {
    return this.#of(source).map((table) => {
      const keys = [...must(this.#keys.get(table)).values()]
      must(this.#keys.get(table)).clear()
      return { table, rows: this.#random.chance(0.3) ? [['t', null, null, null]] : keys.map((key): RowChange => ['d', key, null, null]) }
    })
  }

  #of(source: string): string[] {
    return [...this.#schemas.keys()].filter((id) => id.startsWith(`${source}!`))
  }

  #change(table: string): RowChange[] {
    const random = this.#random
    const keys = must(this.#keys.get(table))
    const dice = random.next()
    if (keys.size === 0 || dice < 0.25) return [this.#put(table)]
    const key = random.pick([...keys.values()])
    if (dice < 0.7) return [this.#update(table, key)]
    if (dice < 0.98) keys.delete(JSON.stringify(key))
    if (dice < 0.85) return [['d', key, null, null]]
    if (dice < 0.98) return this.#move(table, key)
    keys.clear()
    return [['t', null, null, null]]
  }

  #put(table: string): RowChange {
    const { key: names, columns } = this.#schema(table)
    const key = someKey(
      this.#random,
      columns.filter((column) => names.includes(column.name)),
    )
    const keys = must(this.#keys.get(table))
    const isNew = !keys.has(JSON.stringify(key))
    keys.set(JSON.stringify(key), key)
    return [isNew ? 'c' : 'u', key, this.#row(table, key, 0), null]
  }

  /** Most updates change one cell; the others are as they were, and a source may leave them out. */
  #update(table: string, key: JsonValue[]): RowChange {
    const { columns, key: names } = this.#schema(table)
    if (this.#random.chance(0.2)) return ['u', key, this.#row(table, key, 0), null]
    const chosen = this.#random.between(names.length, columns.length - 1)
    const after = columns.map((column, i): JsonValue => {
      if (i < names.length) return key[i] ?? null
      return i === chosen ? someCell(this.#random, column, false) : { '~': 1 }
    })
    return ['u', key, after, null]
  }

  #move(table: string, from: JsonValue[]): RowChange[] {
    const { columns, key: names } = this.#schema(table)
    const to = someKey(
      this.#random,
      columns.filter((column) => names.includes(column.name)),
    )
    const keys = must(this.#keys.get(table))
    if (keys.has(JSON.stringify(to))) return [['d', from, null, null]]
    keys.set(JSON.stringify(to), to)
    return [
      ['d', from, null, null],
      ['c', to, this.#row(table, to, 0.5), null],
    ]
  }

  #row(table: string, key: readonly JsonValue[], unchanged: number): RowJson {
    const { columns, key: names } = this.#schema(table)
    return columns.map((column, i): JsonValue => {
      if (i < names.length) return key[i] ?? null
      return this.#random.chance(unchanged) ? { '~': 1 } : someCell(this.#random, column, false)
    })
  }

  #schema(table: string): TableSchema {
    return must(this.#schemas.get(table))
  }
}
