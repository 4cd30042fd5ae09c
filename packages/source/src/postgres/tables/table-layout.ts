import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import { schemaHash } from '@sheetflow/core/schema-hash'
import type { BlobCollector } from '../values/blob-collector.ts'
import type { CatalogueTable } from '../catalogue/catalogue.ts'
import type { DatePolicy } from '../values/cell-writers.ts'
import type { PgType } from '../catalogue/pg-type.ts'
import type { Relation } from '../log/pgoutput.ts'
import { RowEncoder } from '../values/row-encoder.ts'
import { compileType } from '../values/type-table.ts'
import type { CompiledType } from '../values/type-table.ts'

/** A column of a layout: what its schema message says, how to write it, how SQL casts to it. */
export interface LayoutColumn {
  readonly schema: ColumnSchema
  readonly typeOid: number
  readonly typmod: number
  readonly typeText: string
  /** Schema in which the type and its operators are; null for a built-in one. */
  readonly typeSchema: string | null
  readonly compiled: CompiledType
}

/** One table as its rows are laid out from some place in the log on, with the encoder made for it. */
export interface TableLayout {
  readonly oid: number
  readonly schema: TableSchema
  readonly columns: readonly LayoutColumn[]
  readonly encoder: RowEncoder
  /** The primary key's columns, by place in `columns`. */
  readonly keys: readonly number[]
}

/** What a layout is made from. */
export interface LayoutColumnSource {
  readonly name: string
  readonly id: number
  readonly type: PgType
  readonly typeOid: number
  readonly typmod: number
  readonly dimensions: number
  readonly notNull: boolean
  readonly typeText: string
}

/** Per column (`schema.table.column`) what happens to dates that have no place in the calendar. Default `error`. */
export type DatePolicies = Readonly<Record<string, DatePolicy>>

/** The layout of these columns. Its schema number is `previous`' if nothing changed, else the next. */
export function layoutOf(
  table: { readonly oid: number; readonly name: string; readonly key: readonly string[] },
  sources: readonly LayoutColumnSource[],
  previous: TableSchema | undefined,
  blobs: BlobCollector,
  dates: DatePolicies,
): TableLayout {
  const columns = sources.map((source) => columnOf(table, source, dates))
  const schemas = columns.map((column) => column.schema)
  const hash = schemaHash(table.key, schemas)
  const id = String(table.oid)
  const schema: TableSchema =
    previous?.hash === hash && previous.id === id
      ? previous
      : { v: 1, table: table.name, id, schema: (previous?.schema ?? 0) + 1, hash, key: table.key, columns: schemas }
  const keys = table.key.map((name) => schemas.findIndex((column) => column.name === name))
  const encoded = columns.map((column) => ({ name: column.schema.name, compiled: column.compiled }))
  return { oid: table.oid, schema, columns, keys, encoder: new RowEncoder(encoded, keys, blobs) }
}

/** The columns of a catalogue table, each with its attribute number as id. */
export function catalogueColumns(table: CatalogueTable): readonly LayoutColumnSource[] {
  return table.columns.map((column) => ({ ...column, id: column.attnum }))
}

/** Does the log's layout say what ours says? Then no catalogue has to be asked. */
export function sameLayout(layout: TableLayout, relation: Relation): boolean {
  return (
    layout.schema.table === `${relation.namespace}.${relation.name}` &&
    layout.columns.length === relation.columns.length &&
    fitsIdentity(layout.schema.key, relation) &&
    layout.columns.every((column, i) => {
      const other = relation.columns[i]
      return other !== undefined && column.schema.name === other.name && column.typeOid === other.typeOid && column.typmod === other.typmod
    })
  )
}

/**
 * Can rows of this Relation be found by this key? Its old rows hold the columns of the replica identity: if these are not all columns, they are the key's. A
 * table without an identity has no old rows.
 */
export function fitsIdentity(key: readonly string[], relation: Relation): boolean {
  const identity = relation.columns.filter((column) => column.key).map((column) => column.name)
  if (identity.length === 0 || identity.length === relation.columns.length) return true
  return identity.length === key.length && key.every((name) => identity.includes(name))
}

function columnOf(
  table: { readonly name: string; readonly key: readonly string[] },
  source: LayoutColumnSource,
  dates: DatePolicies,
): LayoutColumn {
  const compiled = compileType(source.type, {
    column: source.name,
    typmod: source.typmod,
    dimensions: source.dimensions,
    dates: dates[`${table.name}.${source.name}`] ?? 'error',
  })
  const schema: ColumnSchema = {
    name: source.name,
    id: source.id,
    ...compiled.type,
    null: !source.notNull && !table.key.includes(source.name),
    source: sourceText(source.type, source.typeText),
  }
  return { schema, typeOid: source.typeOid, typmod: source.typmod, typeText: source.typeText, typeSchema: schemaOf(source.type), compiled }
}

function schemaOf(type: PgType): string | null {
  if (type.kind === 'domain' || type.kind === 'array') return schemaOf(type.of)
  return /^("(?:[^"]|"")+"|[^".]+)\./.exec(type.name)?.[1] ?? null
}

/** `int8`, `numeric(12,2)`, `int4[]`: the type's own name and its modifiers. A domain shows its base, which is what its values are. */
function sourceText(type: PgType, printed: string): string {
  if (type.kind === 'array') return `${sourceText(type.of, printed.replace(/\[\]$/, ''))}[]`
  if (type.kind === 'domain') return sourceText(type.of, '')
  return `${type.name}${/\([\d,-]+\)/.exec(printed)?.[0] ?? ''}`
}
