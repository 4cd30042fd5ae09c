import { must } from '@sheetflow/core/assert'
import type { Deployment } from '@sheetflow/core/message'
import { isAnotherTable } from '@sheetflow/core/schema'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { ColumnLookup, ScopeRelation } from '@sheetflow/formula/bind/scope'
import type { CompileInput, UsedTable } from './input.ts'

/** A column that the files call by a name which the source has changed since. */
export interface Drift {
  readonly table: string
  readonly from: string
  readonly to: string
}

/** A table with the name that the files know it by. */
export interface NamedTable {
  readonly id: string
  /** Its name at the source now. */
  readonly now: string
  readonly schema: TableSchema
}

/**
 * The tables by the names of a deployment: one that has been renamed keeps the name by which the deployment's files call it, and hides another one
 * that has that name now. One that has the name of a table which is not there any more is none of the deployment's.
 */
export function tablesByName({ tables, tableIds = {} }: Pick<CompileInput, 'tables' | 'tableIds'>): NamedTable[] {
  const renamed = Object.entries(tableIds).flatMap(([id, known]): NamedTable[] => {
    const found = tableWithId(tables, id, known)
    return found === null || found === id ? [] : [{ id, now: found, schema: must(tables.get(found)) }]
  })
  const taken = new Set(renamed.flatMap(({ id, now }) => [id, now]))
  const others = [...tables].flatMap(([id, schema]): NamedTable[] =>
    taken.has(id) || isAnotherTable(schema.id, tableIds[id]) ? [] : [{ id, now: id, schema }],
  )
  return [...renamed, ...others]
}

/** The name that the table of the source's id `known` has now; null: there is none. `name`: one of its names. */
export function tableWithId(tables: ReadonlyMap<string, TableSchema>, name: string, known: string): string | null {
  const [source] = splitId(name)
  for (const [id, schema] of tables) if (schema.id === known && splitId(id)[0] === source) return id
  return null
}

/**
 * A source table as the files see it: columns have the names that the deployment's ids say, so that a rename at the source breaks nothing and
 * shows nowhere but as drift.
 */
export class TableScope implements ScopeRelation {
  readonly id: string
  /** Its name at the source now. */
  readonly now: string
  readonly label: string
  readonly key: readonly number[]
  readonly schema: TableSchema
  /** By index: how the files call the column. */
  readonly names: readonly string[]
  readonly #ids: Readonly<Record<string, number>>
  readonly #drifted: (drift: Drift) => void
  /** Names that the files use → ids. */
  readonly #used = new Map<string, number>()
  #isUsedByOldName = false
  #hasLost = false

  constructor(id: string, now: string, schema: TableSchema, ids: Deployment['ids'][string] | undefined, drifted: (drift: Drift) => void) {
    this.id = id
    this.now = now
    this.label = tableLabel(id)
    this.schema = schema
    this.key = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
    this.#ids = ids ?? {}
    this.#drifted = drifted
    const byId = new Map(Object.entries(this.#ids).map(([name, column]) => [column, name]))
    this.names = schema.columns.map((column) => byId.get(column.id) ?? column.name)
  }

  /** Somebody calls it by the name that it had: its label. */
  oldName(): string {
    this.#isUsedByOldName = true
    return this.label
  }

  /** The name that the files use, as an id: the old one if any of them does. */
  get usedName(): string {
    return this.#isUsedByOldName ? this.id : this.now
  }

  /** Was a column asked for that the source has dropped? */
  get hasLost(): boolean {
    return this.#hasLost
  }

  /** The names that were asked for so far with the ids they stand for, and the key's. */
  usedIds(): Readonly<Record<string, number>> {
    const keys = this.key.map((index) => [this.names[index] ?? '', this.schema.columns[index]?.id ?? 0] as const)
    const all = new Map([...keys, ...this.#used])
    return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** What was asked for so far, as it is now. */
  usedTable(): UsedTable {
    const ids = new Set(Object.values(this.usedIds()))
    const columns = this.schema.columns.filter(({ id }) => ids.has(id))
    return {
      schema: this.schema.schema,
      shape: {
        key: this.key.map((index) => this.schema.columns[index]?.id ?? 0),
        columns: Object.fromEntries(columns.map((column) => [column.id, { ...typeOf(column), null: column.null }])),
      },
    }
  }

  column(name: string): ColumnLookup {
    const id = idOf(this.#ids, name)
    const { columns } = this.schema
    const index = id === undefined ? indexNamed(columns, name) : columns.findIndex((column) => column.id === id)
    const column = this.schema.columns[index]
    if (column === undefined) {
      if (id === undefined) return null
      this.#used.set(name, id)
      this.#hasLost = true
      return { kind: 'dropped', name }
    }
    const known = this.names[index] ?? name
    if (!equalNames(column.name, known)) this.#drifted({ table: this.label, from: known, to: column.name })
    this.#used.set(known, column.id)
    return { kind: 'column', index, name: known, type: typeOf(column), nullable: column.null }
  }

  columnNames(): readonly string[] {
    return this.names
  }
}

/** Where the column of that name is, −1: nowhere. Two may differ in letter case alone: the exact name goes first. */
export function indexNamed(columns: readonly { readonly name: string }[], name: string): number {
  const exact = columns.findIndex((column) => column.name === name)
  return exact >= 0 ? exact : columns.findIndex((column) => equalNames(column.name, name))
}

/** The one of that name: as `indexNamed`. */
export function findNamed<T extends { readonly name: string }>(all: Iterable<T>, name: string): T | undefined {
  const list = [...all]
  return list[indexNamed(list, name)]
}

/** Names are equal but for letter case. Where several are, `indexNamed`. */
export function equalNames(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase()
}

function idOf(ids: Readonly<Record<string, number>>, name: string): number | undefined {
  if (Object.hasOwn(ids, name)) return ids[name]
  const known = Object.keys(ids).find((one) => equalNames(one, name))
  return known === undefined ? undefined : ids[known]
}

/** `shop!public.orders` as formulas write it: `shop!orders`. */
export function tableLabel(id: string): string {
  const [source, table] = splitId(id)
  return `${source}!${table.slice(table.indexOf('.') + 1)}`
}

/** `shop!public.orders` → `shop`, `public.orders`. */
export function splitId(id: string): readonly [source: string, table: string] {
  const at = id.indexOf('!')
  return [id.slice(0, at), id.slice(at + 1)]
}

/** The type of a schema's column, without its name and the rest. */
export function typeOf(column: ColumnSchema): ColumnType {
  if (column.type === 'list') return { type: 'list', of: column.of }
  if (column.type !== 'decimal') return { type: column.type }
  return { type: 'decimal', ...(column.p === undefined ? {} : { p: column.p }), ...(column.s === undefined ? {} : { s: column.s }) }
}
