import type { Deployment } from '@sheetflow/core/message'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { ColumnLookup, ScopeRelation } from '@sheetflow/formula/bind/scope'

/** A column that the files call by a name which the source has changed since. */
export interface Drift {
  readonly table: string
  readonly from: string
  readonly to: string
}

/** A source table as formulas see it. Names go by id where the deployment has one, so that a rename at the source breaks nothing. */
export class TableScope implements ScopeRelation {
  readonly id: string
  readonly label: string
  readonly key: readonly number[]
  readonly schema: TableSchema
  readonly #ids: Readonly<Record<string, number>>
  readonly #drifted: (drift: Drift) => void
  /** Names that the files use → ids. */
  readonly #used = new Map<string, number>()

  constructor(id: string, schema: TableSchema, ids: Deployment['ids'][string] | undefined, drifted: (drift: Drift) => void) {
    this.id = id
    this.label = tableLabel(id)
    this.schema = schema
    this.key = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
    this.#ids = ids ?? {}
    this.#drifted = drifted
  }

  /** The names that were asked for so far with the ids they stand for, and the key's. */
  usedIds(): Readonly<Record<string, number>> {
    const keys = this.schema.columns
      .filter((column) => this.schema.key.includes(column.name))
      .map((column) => [column.name, column.id] as const)
    const all = new Map([...keys, ...this.#used])
    return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  column(name: string): ColumnLookup {
    const id = idOf(this.#ids, name)
    if (id === undefined)
      return this.#at(
        name,
        this.schema.columns.findIndex((column) => equalNames(column.name, name)),
      )
    const index = this.schema.columns.findIndex((column) => column.id === id)
    const found = this.schema.columns[index]
    if (found === undefined) {
      this.#used.set(name, id)
      return { kind: 'dropped', name }
    }
    if (!equalNames(found.name, name)) this.#drifted({ table: this.label, from: name, to: found.name })
    return this.#at(name, index)
  }

  columnNames(): readonly string[] {
    return this.schema.columns.map((column) => column.name)
  }

  #at(name: string, index: number): ColumnLookup {
    const column = this.schema.columns[index]
    if (column === undefined) return null
    this.#used.set(equalNames(name, column.name) ? column.name : name, column.id)
    return { kind: 'column', index, name: column.name, type: typeOf(column), nullable: column.null }
  }
}

/** Names are equal but for letter case; an exact one is looked for first by `idOf`. */
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
