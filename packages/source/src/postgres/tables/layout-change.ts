import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import { stableJson } from '@sheetflow/core/json-text'
import type { CatalogueColumn } from '../catalogue/catalogue.ts'
import type { PgType } from '../catalogue/pg-type.ts'
import type { LayoutColumnSource } from './table-layout.ts'
import type { RelationColumn } from '../log/pgoutput.ts'

/** Attribute numbers end at 1,600: ids that capture gives begin above. */
const FIRST_GIVEN_ID = 10_001

/**
 * The columns of a Relation message, each with its id. The log speaks of the past, the catalogue of now: where name and type agree, the column is the
 * catalogue's; else where they agree with what was last announced, it is still that one; else nobody can say, and it gets an id of its own.
 */
export function columnsOfRelation(
  relation: readonly RelationColumn[],
  catalogue: readonly CatalogueColumn[],
  announced: TableSchema | undefined,
  types: ReadonlyMap<number, PgType>,
): readonly LayoutColumnSource[] {
  let given = Math.max(FIRST_GIVEN_ID - 1, ...(announced?.columns ?? []).map((column) => column.id))
  return relation.map((column) => {
    const now = catalogue.find((c) => c.name === column.name && c.typeOid === column.typeOid && c.typmod === column.typmod)
    if (now !== undefined) return { ...now, id: now.attnum }
    const before = announced?.columns.find((c) => c.name === column.name)
    const type = types.get(column.typeOid) ?? { oid: column.typeOid, name: 'unknown', kind: 'base' as const }
    const modifiers = /\([\d,-]+\)/.exec(before?.source ?? '')?.[0] ?? ''
    return {
      name: column.name,
      id: before?.id ?? ++given,
      type,
      typeOid: column.typeOid,
      typmod: column.typmod,
      dimensions: before?.type === 'list' ? 1 : before?.source?.endsWith('[]') === true ? 2 : 1,
      notNull: before?.null === false,
      typeText: type.kind === 'base' ? `${type.name}${modifiers}` : type.name,
    }
  })
}

/**
 * Do rows that were there before differ from what readers hold, without the log having said so? Then the table is read again (FORMATS 6.8).
 * `prefilled`: may the column with this id hold something in rows that are older than it?
 */
export function needsRun(before: TableSchema, after: TableSchema, prefilled: (id: number) => boolean): boolean {
  if (stableJson(before.key) !== stableJson(after.key)) return true
  return after.columns.some((column) => {
    const old = before.columns.find((c) => c.id === column.id)
    if (old === undefined) return prefilled(column.id) || replaces(column, before, after)
    return typeOf(old) !== typeOf(column) || baseName(old) !== baseName(column)
  })
}

/** A column that was dropped and made again under its name: the log cannot tell the two apart, so some of its values went to the old one. */
function replaces(column: ColumnSchema, before: TableSchema, after: TableSchema): boolean {
  return before.columns.some((old) => old.name === column.name && !after.columns.some((kept) => kept.id === old.id))
}

function typeOf(column: ColumnSchema): string {
  const { name: _name, id: _id, null: _null, source: _source, ...type } = column
  // A wider precision leaves every value as it is; another scale rewrites them.
  return stableJson('p' in type ? { ...type, p: 0 } : type)
}

function baseName(column: ColumnSchema): string {
  return (column.source ?? '').replace(/\(.*\)/, '')
}

/**
 * The tables in an order in which each takes a name that is free by then, so far as there is one: of tables that exchange their names one comes too early.
 * `holder` is the table that has a name until now.
 */
export function namesFreeFirst<T extends { readonly oid: number; readonly name: string }>(
  tables: readonly T[],
  holder: (name: string) => number | undefined,
): readonly T[] {
  const ordered: T[] = []
  let waiting = tables
  while (waiting.length > 0) {
    const blocked = (table: T): boolean => waiting.some((other) => other.oid !== table.oid && other.oid === holder(table.name))
    const next = waiting.find((table) => !blocked(table)) ?? waiting[0]
    ordered.push(next as T)
    waiting = waiting.filter((table) => table !== next)
  }
  return ordered
}
